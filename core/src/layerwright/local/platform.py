"""The embedded platform: detect, restore, build and launch on a machine without a container engine."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.layers.names import PYTHON, VENV, ours, package_managers
from layerwright.build.lock import PRIVATE, announce_run, locked, running, shared
from layerwright.build.notices.activation import without_activation
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.errors import SiteError
from layerwright.files.passing import remove_passing_files
from layerwright.local._journal import Journal
from layerwright.local._refusals import damaged_build, moved_layers, not_built, not_restored, tell_running
from layerwright.local.places import default_audit, default_layers, default_store
from layerwright.local.surroundings import IMAGE_PATH, Surroundings
from layerwright.local.use import record_use

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from layerwright.build.application.source_tree import SourceTree
    from layerwright.build.explain import Explanation
    from layerwright.build.phase import Built
    from layerwright.build.request import BuildRequest
    from layerwright.cnb.launch import Process
    from layerwright.config.application import Choice
    from layerwright.local.manifests import Verified
    from layerwright.output.log import Log

__all__ = ["Launch", "LocalPlatform"]

_THIS_MACHINE: Final = Surroundings()


class Launch(NamedTuple):
    """The process that ``run`` starts: arguments, environment and working directory.

    While the descriptor ``announced`` is open, builds know of the process.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    announced: int | None = None


class LocalPlatform:
    """Builds the application at *app* into *layers* and launches it from there.

    *app* is a directory in the source *tree* if *choice* says why, and otherwise the tree itself. With *script*, the
    application is only that file in it. ``output`` is the file with everything that commands of the last build printed.
    *environment* is the user's; *cache* is the directory, for all applications, of downloaded interpreters and of
    facts about those of this machine. *surroundings* are what the layers are for.
    """

    def __init__(
        self,
        app: Path,
        layers: Path,
        cache: Path,
        environment: Mapping[str, str],
        *,
        tree: Path | None = None,
        choice: Choice | None = None,
        script: str = "",
        surroundings: Surroundings = _THIS_MACHINE,
    ) -> None:
        self.app: Final = app
        self.tree: Final = tree or app
        self.script: Final = script
        self.choice: Final = choice
        self.layers: Final = layers
        self._surroundings: Final = surroundings
        self._cache: Final = cache
        self._environment: Final = without_activation(environment)
        self._journal: Final = Journal(layers)
        self._report: Final = layers / PRIVATE / "report.json"
        self._bytecode: Final = layers / PRIVATE / "bytecode"
        self.output: Final = layers / PRIVATE / "output.log"

    def request(self, *, exec_env: str = "", layers: LayersDirectory | None = None) -> BuildRequest:
        """Return the request for a build of the application for the execution environment *exec_env*.

        *layers* is a read-only view. The default of *exec_env* is ``CNB_EXEC_ENV``, else ``production`` (Platform API).
        """
        from layerwright.build.choose.providers import providers
        from layerwright.build.request import BuildRequest
        from layerwright.cnb.api import PRODUCTION
        from layerwright.cnb.target import Target
        from layerwright.files.project import Project

        around = self._surroundings
        return BuildRequest(
            project=Project(self.app, self.tree, self.script),
            choice=self.choice,
            layers=layers or self._journal.layers,
            environment=self._environment,
            target=around.target or Target.of_this_machine(),
            from_shell=True,
            providers=lambda settings: providers(
                settings, around.providers, self._environment, self._cache, retries=around.retries
            ),
            report=self._report,
            output=self.output,
            own_package_managers=True,
            launch_path=around.launch_path,
            store=default_store(self._environment, self._cache),
            keeps_downloads=around.keeps_downloads,
            databases=default_audit(self._cache),
            bytecode=self._bytecode if self._has_bytecode_apart else None,
            exec_env=exec_env or self._environment.get("CNB_EXEC_ENV") or PRODUCTION,
        )

    def explain(self, *, exec_env: str = "") -> Explanation:
        """Return what :meth:`build` would do, including undoing an interrupted build."""
        from dataclasses import replace

        from layerwright.build.explain import explain

        explanation = explain(self.request(exec_env=exec_env, layers=self._journal.recovered))
        return replace(explanation, recovers=self._journal.is_open)

    def build(
        self, log: Log, *, clean: bool = False, afresh: Collection[str] = (), exec_env: str = ""
    ) -> Built:
        """Build; recreate the layers *afresh*, or all of them with *clean*.

        If anything is raised, the last complete build is restored before this returns.
        """
        with locked(self.layers, log) as lock:
            record_use(self.layers, self.app / self.script, self._cache)
            self._recover(log)
            tell_running(running(self.layers), log)
            self._journal.begin()
            try:
                # The journal may compare on another core; the imports take about as long.
                from layerwright.build.phase import build

                request = self.request(exec_env=exec_env)
                for name in ours(request.layers.names()):
                    if clean or name in afresh:
                        request.layers.discard(name, because="--clean" if clean else "--repair")
                built = build(request, log, keep_open=[lock])
            except BaseException:
                if self._journal.roll_back():
                    log.line()
                    log.note("The last complete build is unchanged.")
                raise
            self._journal.commit(changed=built.changed, trees=built.trees)
            return built

    def verify(self, log: Log) -> tuple[Verified, ...]:
        """Read every file of the last complete build, and return the differences to what it recorded."""
        with locked(self.layers, log):
            self._recover(log)
            self._launch_file()
            return self._journal.verify()

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of the contents of each layer of the last complete build, except download caches."""
        names = ours(self._journal.layers.names())
        return {name: digest for name in names if (digest := self._journal.digest(name)) is not None}

    def source_tree(self) -> SourceTree:
        """Return the source tree of the last complete build, with the interpreter of that build."""
        from layerwright.build.application.source_tree import SourceTree
        from layerwright.files.project import Project
        from layerwright.pythons.interpreter import Interpreter

        layers = LayersDirectory(self.layers)
        inputs: Any = (layers.restored(PYTHON).metadata or {})["inputs"]
        return SourceTree(
            project=Project(self.app, self.tree, self.script),
            venv=layers.layer_path(VENV),
            interpreter=Interpreter(version=inputs["Python version"], prefix=layers.layer_path(PYTHON)),
            kept=self.layers / PRIVATE / "modules",
        )

    def launch(self, log: Log, process: str | None, arguments: Sequence[str]) -> Launch:
        """Return how to launch *process* (a type or a command; the default process without one) with *arguments*."""
        from layerwright.cnb.layers.layer_env import apply_launch
        from layerwright.local._processes import choose_process, find_program
        from layerwright.process.shell.process_command import takes_arguments, text_of

        with self.complete(log):
            processes = {p.type: p for p in self._processes()}
            place = self.app / self.script
            chosen = choose_process(processes, process, self._layers_option, self._named, place)
            self._check_place()
            # Changed files run as they are.
            layers = LayersDirectory(self.layers)
            restored = [layers.restored(name) for name in ours(layers.names())]
            launch = [(r.name, r.path) for r in restored if r.types is not None and r.types.launch]
            environment = apply_launch(self._image_environment(), launch, chosen.type if chosen else "")
            if self._has_bytecode_apart:
                from layerwright.build.application.apart import variables

                environment.update(variables(self._bytecode))
            announced = announce_run(self.layers)
            record_use(self.layers, self.app / self.script, self._cache)
        if chosen is None:
            argv, directory = (process or "", *arguments), self.app
        else:
            # The user's arguments replace the replaceable ones (Buildpack API, "launch.toml").
            argv = (*chosen.command, *(arguments or chosen.args))
            if arguments and not takes_arguments(chosen.command):
                log.warning(
                    f"The process {chosen.type} takes no arguments, because it is a shell script:"
                    f" {text_of(chosen.command)}\n"
                    'Put "$@" into it where the arguments belong, and build again.'
                )
            directory = self.app / (chosen.working_directory or "")
        return Launch(
            argv=(find_program(argv[0], environment["PATH"], processes), *argv[1:]),
            environment=environment,
            directory=directory,
            announced=announced,
        )

    def _launch_file(self) -> Path:
        """Return the path of launch.toml, which every complete build leaves."""
        from layerwright.build.phase import LAUNCH_TOML

        file = self.layers / LAUNCH_TOML
        if not file.exists():
            raise not_built(self.layers, self.app / self.script, self._command)
        return file

    def _processes(self) -> tuple[Process, ...]:
        from layerwright.cnb.launch import read_launch

        file = self._launch_file()
        try:
            return read_launch(file)
        except ValueError as error:
            raise damaged_build(error) from error

    def _image_environment(self) -> dict[str, str]:
        """Return the user's variables as an image would have them, without settings of tools on this machine."""
        tools = package_managers(self._journal.layers.names())
        prefixes = ("PYTHON", "LAYERWRIGHT_", *(f"{name.upper().replace('-', '_')}_" for name in tools))
        passed = {k: v for k, v in self._environment.items() if not k.startswith(prefixes)}
        return {**passed, "PATH": IMAGE_PATH}

    @contextmanager
    def complete(self, log: Log) -> Iterator[LayersDirectory]:
        """Yield the layers of the last complete build, which stay as they are meanwhile.

        This writes to them only after an interrupted build.
        """
        while True:
            with shared(self.layers, log):
                if not self._journal.is_open:
                    self._launch_file()
                    yield self._journal.layers
                    return
            try:
                with locked(self.layers, log):
                    self._recover(log)
            except SiteError as error:
                raise not_restored(error.cause, self._command) from error

    def _check_place(self) -> None:
        """Refuse layers that were copied or moved: their virtual environment runs the interpreter at the old path."""
        from layerwright.local._home import interpreter_elsewhere

        if (elsewhere := interpreter_elsewhere(self.layers)) is not None:
            raise moved_layers(self.layers, elsewhere, self._command)

    @property
    def _command(self) -> str:
        """The command that builds the application into these layers."""
        return f"layerwright build {self._layers_option}{self._named}"

    @property
    def _has_bytecode_apart(self) -> bool:
        """Whether a process here does not write bytecode beside the modules of the application, as it usually does."""
        is_unwritten = self._environment.get("PYTHONDONTWRITEBYTECODE") or not os.access(self.app, os.W_OK)
        return bool(is_unwritten and self._surroundings.launch_path)

    @property
    def _named(self) -> str:
        """The words that name the application in a command."""
        if self.script:
            return str(self.app / self.script)
        return f"{self.tree}{self.choice.option if self.choice else ''}"

    @property
    def _layers_option(self) -> str:
        usual = default_layers(self.app / self.script, self._cache)
        return "" if self.layers == usual else f"--layers {self.layers} "

    def _recover(self, log: Log) -> None:
        remove_passing_files(self._report)
        if self._journal.roll_back():
            log.note("The last build was interrupted; starting from the last complete build.")
