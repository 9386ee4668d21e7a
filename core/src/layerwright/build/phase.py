"""The build phase: from an application directory to layers."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from layerwright.build._absent import left_absent, with_contents
from layerwright.build._contribute import Contributor
from layerwright.build._decide import Action
from layerwright.build._specify import describe
from layerwright.build.choose.prepare import prepare
from layerwright.build.hooks.asking import Asking
from layerwright.build.hooks.layers import contribute_layers
from layerwright.build.installed.dist_info import names_in
from layerwright.build.layers import names
from layerwright.build.layers.ahead import unpacking_ahead
from layerwright.build.layers.download_cache import Loan, contribute_cache, describe_cache, shared_downloads
from layerwright.build.layers.python import contribute_python
from layerwright.build.layers.tool import contribute_stand_ins, contribute_tool
from layerwright.build.notices.launch import launch_warnings
from layerwright.build.notices.telling import elsewhere, tell_choices, tell_command, tell_output
from layerwright.build.venv.layer import VenvLayer
from layerwright.cnb.launch import write_launch
from layerwright.cnb.layers.absent import ContentsNeeded
from layerwright.config.sources import BUNDLE
from layerwright.errors import CommandFailed
from layerwright.files.frozen import frozen
from layerwright.files.passing import passing_files
from layerwright.output.events import Chosen
from layerwright.output.tool_output import ToolOutput
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layerwright.build._contribute import Contribution
    from layerwright.build._specify import Described
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.policy.gate import Gate
    from layerwright.build.request import BuildRequest
    from layerwright.config.processes import FoundProcess
    from layerwright.contract.hooks import NotProposed
    from layerwright.files.trees.tree import Tree
    from layerwright.output.log import Log

__all__ = ["LAUNCH_TOML", "Built", "build"]

LAUNCH_TOML: Final = "launch.toml"


@frozen
class Built:
    """The result of a build: its layers in order, the removed layers, the processes.

    ``not_proposed`` is what plugins looked for and did not find, each with the plugin.
    ``versions`` are those of Python and of each tool, by their names in the build plan. ``done_late``: plugins ran
    commands after the virtual environment was complete, which may have changed it.
    """

    contributions: tuple[Contribution, ...]
    dropped: tuple[str, ...]
    processes: tuple[FoundProcess, ...]
    not_proposed: tuple[tuple[NotProposed, str], ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    done_late: bool = False

    @property
    def changed(self) -> frozenset[str]:
        """The layers that the build has changed."""
        made = (c.name for c in self.contributions if c.decision.action is not Action.KEEP)
        return frozenset({*made, names.VENV} if self.done_late else made)

    @property
    def trees(self) -> dict[str, Tree]:
        """What is in layers that the build has changed, by name, as far as it has looked and changed nothing since.

        Since then, only environment files were written.
        """
        found = {} if self.done_late else {c.name: c.tree for c in self.contributions}
        return {name: tree for name, tree in found.items() if tree is not None}


def build(request: BuildRequest, log: Log, *, keep_open: Sequence[int] = ()) -> Built:
    """Build the application of *request* into its layers directory, and write to *log*.

    Commands inherit the descriptors in *keep_open*. Whatever is raised, no incomplete layer looks complete.
    """
    if BUNDLE in request.environment:
        from layerwright.build.fetch.supply import supplied

        request = supplied(request)
    output = ToolOutput(request.output)
    try:
        with passing_files(request.report, request.environment) as environment:
            request = replace(request, environment=environment)
            while True:
                try:
                    with ExitStack() as late:
                        return _build(request, log, output, keep_open, late)
                except ContentsNeeded as needed:
                    log.note(f"{needed} So the build begins again, and creates what is missing.")
    finally:
        output.close()


def _build(
    request: BuildRequest, log: Log, output: ToolOutput, keep_open: Sequence[int], late: ExitStack
) -> Built:
    prepared = prepare(request)
    prepared.write_files()
    before = request.layers.names()
    choices = prepared.as_json
    chosen = (choices[key] for key in ("package-manager", "python", "policy"))
    log.chosen(Chosen(request.target.words, request.exec_env, *chosen))
    tell_choices(request, prepared, log)
    described = describe(request, prepared)
    unneeded = left_absent(request.layers, described.specs)
    if unneeded is None and request.layers.bring():
        # The contents count as well.
        described = describe(request, prepared)
    supply = request.supply
    bundled = supply.variables(request, prepared, described) if supply else {}
    environment = {**prepared.command_environment, **bundled}
    runner = Runner(
        env=environment,
        on_line=lambda line: tell_output(line, log, output),
        on_command=lambda command: tell_command(command.words, log, output),
        elsewhere="" if log.is_verbose else elsewhere(request),
        keep_open=keep_open,
        around=lambda run: with_contents(request.layers, run),
        cwd=request.project.root,
        always=bundled,
        amend=prepared.amended,
    )
    contributor = Contributor(request.layers, environment=environment, log=log, store=request.store)
    # If the build fails, its layers are removed.
    late.callback(contributor.settle)

    log.heading("Python")
    for line in prepared.python_words:
        log.note(line)
    for warning in prepared.python_warnings:
        log.warning(warning)
    tools = [one for one in described.tools if one.spec.name not in (unneeded or ())]
    with unpacking_ahead(contributor, described, tools, runner) as ahead:
        contribute_python(
            contributor,
            described.python,
            prepared.candidate,
            prepared.provider,
            # It is the first layer, so it needs no other.
            runner=runner.around(lambda run: run()),
            progress=log.progress(f"Python {prepared.candidate.version}"),
        )
        for one in tools:
            contribute_tool(contributor, one, described.interpreter, runner=runner, log=log, ahead=ahead)
    if described.stand_ins is not None:
        contribute_stand_ins(contributor, described.stand_ins, described.stand_in_texts)
    if described.cache is not None:
        contribute_cache(contributor, described.cache)

    log.heading("Virtual environment")
    for warning in described.warnings:
        log.warning(warning)
    described, gate = _held(request, prepared, described, log)
    cache = described.cache or describe_cache(prepared.manager)
    loan = Loan(
        request.layers,
        cache,
        fill=supply.fill_cache if supply else None,
        shared=lambda: shared_downloads(request, described, contributor, log),
    )
    try:
        venv = VenvLayer(
            project=request.project,
            install=described.install,
            plugin=prepared.label,
            interpreter=described.interpreter,
            layer=request.layers.layer_path(names.VENV),
            report=request.report,
            runner=runner.around(lambda run: loan.run(lambda: with_contents(request.layers, run))),
            log=log,
            store=request.store,
            gate=gate,
        ).contribute(contributor, described.venv)
    except BaseException as error:
        loan.give_back()
        if isinstance(error, CommandFailed) and (words := prepared.default_words(error.reference)):
            raise error.with_cause(f"{error.cause}\n{words}") from error
        raise
    if described.cache is None:
        # There is no cache layer, but the package manager has put its downloads there.
        loan.end()
    elif loan.is_due:
        loan.settle()
        contributor.measure(described.cache)

    asking = Asking(
        request=request, prepared=prepared, described=described, environment=contributor.environment
    )
    complete = len(contributor.contributions)
    specs = contribute_layers(contributor, asking, runner, log)
    added = contributor.contributions[complete:]
    if specs:
        described = replace(described, contributed=specs)
        asking = replace(asking, described=described, environment=contributor.environment)
    # Commands of the application may change any layer.
    contributor.settle()
    did_more, has_more = _post_install(asking, runner, log)
    if has_more and gate is not None:
        gate().check_installed()
    if request.owns_source:
        from layerwright.build.application.in_place import contribute_bytecode

        # After the commands, which may write modules.
        with_python = runner.around(lambda run: with_contents(request.layers, run, names.PYTHON))
        contribute_bytecode(contributor, request, described.interpreter, runner=with_python, log=log)
    elif request.bytecode is not None:
        from layerwright.build.application.apart import keep_apart

        keep_apart(request.bytecode, request, described.interpreter, runner=runner, log=log)
    # Plugins are asked again: post-install commands may have installed something.
    processes = replace(asking).processes()
    found = processes.found
    for warning in (*processes.warnings, *launch_warnings(found, request, prepared, described)):
        log.warning(warning)
    if venv.decision.action is not Action.KEEP:
        from layerwright.build.notices.libraries import tell_libraries

        tell_libraries(contributor, described, request, log)
    made = [*(c.name for c in contributor.contributions), *(unneeded or ())]
    for name in names.left_over(request.layers.names(), made):
        request.layers.discard(name)
    due = contributor.due_boms(request.sbom_formats, again=(names.VENV,) if has_more else ())
    if due:
        # A build with nothing changed has no time to import it.
        from layerwright.build.bom.write import write_boms

        write_boms(request, due, described, label=prepared.label)
    layers = request.layers
    write_launch(layers.path / LAUNCH_TOML, [f.process for f in found], lasting=layers.lasting)
    request.layers.finish()
    return Built(
        contributions=tuple(contributor.contributions),
        dropped=names.left_over(before, made),
        processes=found,
        not_proposed=processes.not_proposed,
        versions={
            names.PYTHON: prepared.candidate.version,
            **{one.manager.name: one.tool.version for one in described.tools},
        },
        done_late=did_more or any(c.decision.action is not Action.KEEP for c in added),
    )


def _post_install(asking: Asking, runner: Runner, log: Log) -> tuple[bool, bool]:
    """Run commands after the virtual environment is complete, the application's own last.

    Return whether there were any, and whether they changed which distributions are installed.
    """
    commands = asking.post_install()
    configuration = asking.prepared.configuration
    if not commands and not configuration.build.commands:
        return False, False
    from layerwright.build._own_commands import own_commands, run_own_command
    from layerwright.build.hooks.blame import naming

    site_packages = asking.described.interpreter.site_packages(asking.described.asked.venv)
    before = names_in(site_packages)
    log.heading("After the install")
    variables = asking.prepared.variables.for_application
    for command, entry_point in commands:
        with naming(entry_point.label, "runs it after the installation"):
            runner.within({**asking.environment_for(entry_point), **variables}).run(command)
    for one in own_commands(configuration):
        run_own_command(one, runner.within({**asking.environment_for(None), **variables}))
    return True, names_in(site_packages) != before


def _held(
    request: BuildRequest, prepared: Prepared, described: Described, log: Log
) -> tuple[Described, Callable[[], Gate] | None]:
    """Return *described* held to the policy, and a function that opens its gate; an unchanged build does not."""
    policy = prepared.configuration.policy
    if policy is None:
        return described, None
    from layerwright.build.policy.state import held

    described = held(described, policy, request, log)

    def late() -> Gate:
        from layerwright.build.policy.opening import open_gate

        return open_gate(policy, request, prepared, described, log)

    return described, cache(late)
