"""``bin/detect`` and ``bin/build`` of a Cloud Native Buildpack, and ``Buildpack``, for buildpacks of your own."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.cnb.exit_status import ERROR, FAIL, PASS
from layerwright.output.log import Log
from layerwright.process.boundary import failure, leave, open_streams, terminable
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import NoReturn

    from layerwright.build.phase import Built
    from layerwright.cnb.context import BuildContext, DetectContext
    from layerwright.config.reading import PythonSettings
    from layerwright.config.sources import Given
    from layerwright.output.events import Event
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.pythons.provider import Provider

__all__ = ["Buildpack"]

# The provider of interpreters that gives equal images from equal inputs, whatever the build image contains.
_AUTO: Final = ("standalone",)
_NETWORK: Final = frozenset(
    {"all_proxy", "http_proxy", "https_proxy", "no_proxy", "ssl_cert_dir", "ssl_cert_file"}
)


class Buildpack:
    """A buildpack: its plugins, and the decisions of its makers for every application.

    *id*, *version*, *name* and *api*, the Buildpack API, are those of its buildpack.toml. *plugins* are the
    distributions of the plugins that ``layerwright package`` adds to it. *defaults* are tables of the configuration,
    such as ``{"python": {"version": "3.13"}}``, that apply where an application configures nothing. *hooks* are
    modules or objects that implement hooks, in addition to those of the plugins. ``ValueError``: one of them provides
    package managers, which only plugins may do, because they are found without being imported. With
    *own_package_managers* an application may declare package managers in its configuration; *defaults* may in any
    case. *tools* are the package managers whose default versions the buildpack contains, so that a build downloads none
    of these.
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002  # the specification's word
        version: str,
        name: str = "",
        api: str = "0.10",
        plugins: Sequence[str] = (),
        defaults: Mapping[str, Any] | None = None,
        hooks: Sequence[object] = (),
        own_package_managers: bool = False,
        tools: Sequence[str] = (),
    ) -> None:
        if any(hasattr(each, "layerwright_package_managers") for each in hooks):
            raise ValueError("hooks of a buildpack cannot provide package managers; use a plugin")
        self.id: Final = id
        self.version: Final = version
        self.name: Final = name
        self.api: Final = api
        self.plugins: Final = tuple(plugins)
        self.defaults: Final = dict(defaults or {})
        self.hooks: Final = tuple(hooks)
        self.own_package_managers: Final = own_package_managers
        self.tools: Final = tuple(tools)

    def main(self) -> NoReturn:
        """Run ``bin/detect`` or ``bin/build``, which the first argument names, and end the process.

        All other inputs come from the variables and files of the platform (Buildpack API, "Phases"). The exit status
        is 0, 100 if the detect phase does not apply, or that of the error, which is never one of these. The callers'
        ``finally`` clauses may not run: for what must happen at the end, use :mod:`atexit`.
        """
        os.umask(0o022)
        phases = {"detect": self._detect, "build": self._build}
        phase = sys.argv[1] if len(sys.argv) == 2 else ""
        if phase not in phases:
            sys.exit(f"{sys.argv[0]} takes one argument: {' or '.join(phases)}.")
        # As on the command line: the process ends before there is anything to collect.
        gc.disable()
        open_streams()
        # The lifecycle formats the output of the detect phase again, and mangles a "%".
        status = _status(phases[phase], Log(formatted=phase == "detect"))
        leave(status)
        sys.exit(status)

    def detect(
        self, context: DetectContext, process: Mapping[str, str], variables: Mapping[str, str], log: Log
    ) -> int:
        """Write the build plan for the application of *context*; return 0, or 100 if it is for other buildpacks.

        The plan provides and requires ``python``, ``venv`` and the package manager by its name, so that other
        buildpacks can require any of them. *process* is the environment from the lifecycle, *variables* are the
        user's.
        """
        from layerwright.build.detect import detect
        from layerwright.build.layers.names import PYTHON, VENV
        from layerwright.build.notices.unclaimed import is_meant_for_us, nothing_detected
        from layerwright.cnb.build_plan import BuildPlan, Require, write_build_plan
        from layerwright.cnb.platform_env import user_environment
        from layerwright.config.application import choose_application
        from layerwright.config.sources import read_sources
        from layerwright.plugins.entry_points import disabled_plugins, entry_points
        from layerwright.plugins.own import with_declared

        environment = user_environment(process, variables)
        KNOWN.learn_environment(environment)
        project, choice = choose_application(context.application, environment, self.given())
        if choice is not None:
            log.line(f"Application directory: {choice.words}")
        sources = read_sources(project, environment, self.given())
        found = with_declared(entry_points(), sources, project.root, allowed=self.own_package_managers)
        disabled = disabled_plugins(environment)
        detected = detect(project, sources, found, disabled)
        if detected is not None:
            log.line(f"{detected.name}, because {detected.reason}")
            names = [PYTHON, detected.name, VENV]
        elif choice is not None or project.script or is_meant_for_us(project, sources, found):
            # The build phase, whose log is shown, reports what is missing.
            names = [PYTHON, VENV]
        else:
            # Another buildpack of the builder may support anything else.
            missing = nothing_detected(project, found, disabled)
            log.line(
                missing.summary if missing else f"Nothing in {project.root} looks like a Python application."
            )
            log.note(missing.cause if missing else "")
            return FAIL
        write_build_plan(context.plan, BuildPlan(provides=tuple(names), requires=tuple(map(Require, names))))
        return PASS

    def build(
        self, context: BuildContext, process: Mapping[str, str], variables: Mapping[str, str], log: Log
    ) -> Built:
        """Build the application of *context* into layers, and write launch.toml and build.toml next to them.

        *process* is the environment from the lifecycle, set by the build image, the builder's operator and earlier
        buildpacks; *variables* are the user's. Requests in the buildpack plan, ``launch`` and ``version`` in the
        metadata, apply where the application configures nothing.
        """
        import tempfile

        from layerwright.build.notices.activation import without_activation
        from layerwright.build.phase import build
        from layerwright.build.request import BuildRequest
        from layerwright.buildpack._plan_entries import asked, needed, unmet
        from layerwright.buildpack.packed.layers import PackedLayers
        from layerwright.cnb.build_plan import BuildpackPlan
        from layerwright.cnb.build_toml import write_build
        from layerwright.cnb.package.descriptor import declared_sboms
        from layerwright.cnb.platform_env import user_environment
        from layerwright.config.application import choose_application
        from layerwright.config.sources import STORE
        from layerwright.files.record import remove_record

        plan = BuildpackPlan.read(context.plan)
        environment = without_activation(user_environment(process, variables))
        application = choose_application(context.application, environment, self.given())
        for directory in {context.application, application.project.root}:
            # Otherwise equal sources would give another image on a machine where they were built before.
            remove_record(directory)
        with tempfile.TemporaryDirectory(prefix="layerwright-") as name:
            temporary = Path(name)
            built = build(
                BuildRequest(
                    project=application.project,
                    choice=application.choice,
                    layers=PackedLayers(context.layers, needed=needed(plan)),
                    environment=environment,
                    target=context.target,
                    providers=lambda settings: self.providers(settings, environment, temporary),
                    report=temporary / "report.json",
                    exec_env=context.exec_env,
                    inherited=process.keys() - variables.keys(),
                    given=(asked(plan, log), *self.given(), *_policy_of(process)),
                    hooks=self.given_hooks(),
                    own_package_managers=self.own_package_managers,
                    owns_source=True,
                    store=Path(environment[STORE]) if environment.get(STORE) else None,
                    sbom_formats=declared_sboms(context.buildpack),
                    platform=context.platform,
                ),
                log,
            )
        left = unmet(plan, built)
        for name, reason in left.items():
            log.warning(f"The build plan asks for {name}, {reason}.")
        write_build(context.layers / "build.toml", unmet=tuple(left), plan=plan)
        return built

    def providers(
        self, settings: PythonSettings, environment: Mapping[str, str], temporary: Path
    ) -> Sequence[Provider]:
        """Return the sources of interpreters, in the order in which they are asked; a subclass may return others.

        *settings* is the table ``python``, and *temporary* a directory that is removed after the build.
        """
        from layerwright.build.choose.providers import providers

        return providers(settings, _AUTO, environment, temporary)

    def _detect(self, log: Log) -> int:
        from layerwright.cnb.context import DetectContext
        from layerwright.cnb.platform_env import platform_environment

        context = DetectContext.of(os.environ, Path.cwd())
        return self.detect(context, os.environ, platform_environment(context.platform), log)

    def _build(self, log: Log) -> int:
        import time

        from layerwright.build.report import tell_layers, tell_processes
        from layerwright.cnb.context import BuildContext
        from layerwright.cnb.platform_env import platform_environment, user_environment
        from layerwright.output.verbosity import verbosity

        started = time.monotonic()
        context = BuildContext.of(os.environ, Path.cwd())
        process, variables = dict(os.environ), platform_environment(context.platform)
        # The network settings: the only variables of a user that our own downloads of interpreters read.
        os.environ.update({name: value for name, value in variables.items() if name.lower() in _NETWORK})
        shown = verbosity(user_environment(process, variables))
        with self._traced(context, process) as followers, terminable():
            log = log.at(shown, followers)
            built = self.build(context, process, variables, log)
        tell_layers(built, log, seconds=time.monotonic() - started)
        tell_processes(built, log)
        return PASS

    @contextmanager
    def _traced(
        self, context: BuildContext, environment: Mapping[str, str]
    ) -> Iterator[tuple[Callable[[Event], None], ...]]:
        """Yield what follows the events of a build, and write its trace if the platform collects them."""
        from layerwright.buildpack._trace import Trace, trace_file

        file = trace_file(context.layers, environment, self.id, self.version, "build")
        if file is None:
            yield ()
            return
        trace = Trace(self.id, self.version, environment)
        try:
            yield (trace.follow,)
        except (Exception, KeyboardInterrupt) as error:
            shown = failure(error)
            trace.write(file, status=shown.exit_status, error=shown)
            raise
        trace.write(file, status=PASS)

    def given(self) -> tuple[Given, ...]:
        """Return the defaults in the form that a build takes."""
        from layerwright.config.sources import Given

        return (Given(f"the buildpack {self.id} {self.version}", self.defaults),) if self.defaults else ()

    def given_hooks(self) -> Sequence[tuple[EntryPoint, object]]:
        """Return the hooks in the form that a build takes: each under the name and version of the buildpack."""
        from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint

        return [
            (EntryPoint(PLUGIN_GROUP, "", f"hook {number}", self.id, self.version), hooks)
            for number, hooks in enumerate(self.hooks, 1)
        ]


def _policy_of(process: Mapping[str, str]) -> tuple[Given, ...]:
    """Return the policy in the variables of the build image and of the builder's operator.

    A variable of the user replaces one of them, but not what it rules.
    """
    from layerwright.config.sources import POLICY, variable

    if not any(name.startswith(variable((POLICY, ""))) for name in process):
        return ()
    from layerwright.config.policy.reading import given_by

    found = given_by("the environment of the platform", process)
    return (found,) if found else ()


def _status(phase: Callable[[Log], int], log: Log) -> int:
    try:
        return phase(log)
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        shown = failure(error)
        log.error(shown)
        return shown.exit_status if shown.exit_status not in (PASS, FAIL) else ERROR
