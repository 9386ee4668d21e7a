"""The build phase: from an application directory to layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from layerwright.cnb.launch import write_launch
from layerwright.command import Runner
from layerwright.contribute import Action, Contributor
from layerwright.hookspecs import LaunchContext, PostInstallContext
from layerwright.installed import installed_in
from layerwright.layers import names
from layerwright.layers.download_cache import contribute_cache
from layerwright.layers.python import contribute_python
from layerwright.layers.tool import contribute_stand_ins, contribute_tool
from layerwright.layers.venv import VenvLayer
from layerwright.prepare import describe, prepare
from layerwright.processes import FoundProcess, processes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from layerwright.command import Command
    from layerwright.contribute import Contribution
    from layerwright.output import Log
    from layerwright.prepare import BuildRequest, Described, Prepared

__all__ = ["LAUNCH_TOML", "Built", "build", "find_processes"]

LAUNCH_TOML: Final = "launch.toml"


@dataclass(frozen=True, kw_only=True)
class Built:
    """What a build made: its layers in order, the layers that it dropped, the processes."""

    contributions: tuple[Contribution, ...]
    dropped: tuple[str, ...]
    processes: tuple[FoundProcess, ...]


def build(request: BuildRequest, log: Log, *, keep_open: Sequence[int] = ()) -> Built:
    """Build the application of *request* into its layers directory, and tell *log*.

    Descriptors in *keep_open* are inherited by the commands that are run. Whatever is raised, no layer that is
    not complete is left looking as if it were.
    """
    prepared = prepare(request)
    _tell(prepared, log)
    described = describe(request, prepared)
    # Bytecode is compiled once, hash-based, by core; what a tool wrote in passing would be stale after a restore.
    environment = {**request.environment, "PYTHONDONTWRITEBYTECODE": "1"}
    runner = Runner(env=environment, on_line=log.output, on_command=_shows(log), keep_open=keep_open)
    contributor = Contributor(request.layers, environment=environment, log=log)

    log.heading("Python")
    for line in prepared.python_words:
        log.note(line)
    if prepared.end_of_life:
        log.warning(prepared.end_of_life)
    contribute_python(
        contributor,
        described.python,
        prepared.candidate,
        prepared.provider,
        runner=runner,
        progress=log.progress(f"Python {prepared.candidate.version}"),
    )

    log.heading(f"{prepared.manager.display_name} {described.tool.version}")
    contribute_tool(
        contributor, described.tool_spec, described.tool, interpreter=described.interpreter, runner=runner
    )
    if described.stand_ins is not None:
        contribute_stand_ins(contributor, described.stand_ins, described.tool.stand_ins)
    contribute_cache(contributor, described.cache)

    log.heading("Virtual environment")
    venv = VenvLayer(
        install=described.install,
        plugin=prepared.plugins.provider(prepared.manager.name).label,
        interpreter=described.interpreter,
        layer=request.layers.layer_path(names.VENV),
        report=request.report,
        runner=runner,
        log=log,
    ).contribute(contributor, described.venv)
    if venv.decision.action is not Action.KEEP:
        contributor.measure(described.cache)

    _post_install(request, prepared, described, runner.within(contributor.environment), log)
    found = find_processes(request, prepared, described)
    dropped = names.left_over(request.layers.names(), [c.name for c in contributor.contributions])
    for name in dropped:
        request.layers.discard(name)
    write_launch(request.layers.path / LAUNCH_TOML, [f.process for f in found])
    return Built(contributions=tuple(contributor.contributions), dropped=dropped, processes=found)


def find_processes(
    request: BuildRequest, prepared: Prepared, described: Described
) -> tuple[FoundProcess, ...]:
    """Return the process types, each with its origin: plugins propose, configuration and Procfile win."""
    proposals = prepared.plugins.processes(
        lambda: LaunchContext(
            project=request.project,
            interpreter=described.interpreter,
            venv=request.layers.layer_path(names.VENV),
            distributions=_distributions(request, described),
        )
    )
    return processes(
        prepared.configuration.processes,
        request.project,
        [FoundProcess(process, f"plugin {label}") for process, label in proposals],
    )


def _post_install(
    request: BuildRequest, prepared: Prepared, described: Described, runner: Runner, log: Log
) -> None:
    commands = prepared.plugins.post_install(
        lambda: PostInstallContext(
            project=request.project,
            interpreter=described.interpreter,
            venv=request.layers.layer_path(names.VENV),
            distributions=_distributions(request, described),
            environment=runner.env,
        )
    )
    if commands:
        log.heading("After the install")
    for command, _label in commands:
        runner.run(command if command.cwd else replace(command, cwd=request.project.root))


def _distributions(request: BuildRequest, described: Described) -> frozenset[str]:
    site_packages = described.interpreter.site_packages(request.layers.layer_path(names.VENV))
    return frozenset(distribution.name for distribution in installed_in(site_packages))


def _tell(prepared: Prepared, log: Log) -> None:
    log.heading("Package manager")
    log.note(f"{prepared.manager.display_name}, because {prepared.reason}")
    for broken in prepared.plugins.broken:
        log.warning(f"{broken.entry_point.label} could not be loaded and is left out.\n{broken.reason}")


def _shows(log: Log) -> Callable[[Command], None]:
    return lambda command: log.command(command.words)
