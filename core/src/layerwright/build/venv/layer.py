"""The venv layer: the application's virtual environment, kept if it provably equals a fresh one."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from layerwright.build._decide import SATISFIES, Action
from layerwright.build.layers import names
from layerwright.build.layers.published import label, without_known_secrets
from layerwright.build.patches.separate import BYTECODE, DEPENDS, MADE_WITH
from layerwright.build.venv._changes import changes, versions_in
from layerwright.contract.sameness import resolution_of, update_of
from layerwright.files.digests import BUILD_DIRECTORY
from layerwright.files.frozen import frozen
from layerwright.output.events import Installed
from layerwright.plugins.blame import blaming, checked_value
from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from layerwright.build._contribute import Contribution, Contributor, Filled
    from layerwright.build._decide import Decision, LayerSpec
    from layerwright.build.policy.gate import Gate
    from layerwright.build.store.bytecode import BytecodeStore
    from layerwright.build.venv._making import Making
    from layerwright.contract.sameness import Resolved
    from layerwright.contract.values.environment import EnvironmentInstall
    from layerwright.files.project import Project
    from layerwright.output.log import Log
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["VenvLayer"]

_REINSTALL: Final = "Resolution.reinstall"


@frozen
class VenvLayer:
    """Makes the venv layer match *install*, of the plugin with the label *plugin*.

    *report* is the file to which a resolution writes its result. Local directories of *project* are left unchanged.
    *store* is the directory of the store of layers, which has bytecode too. *gate* opens the gate of the policy, if
    there is one.
    """

    project: Project
    install: EnvironmentInstall
    plugin: str
    interpreter: Interpreter
    layer: Path
    report: Path
    runner: Runner
    log: Log
    store: Path | None = None
    gate: Callable[[], Gate] | None = None

    def contribute(self, contributor: Contributor, spec: LayerSpec) -> Contribution:
        """Keep, update or create the layer; afterwards it matches the resolution, or this raises."""
        started = time.monotonic()
        environment = contributor.environment
        spec = self._of_bytecode(contributor, spec)
        decision = contributor.decide(spec)
        due = self.gate is not None and contributor.recorded(spec.name).get(SATISFIES) != spec.satisfies
        if decision.action is Action.KEEP and not decision.resolves:
            if due and self.gate is not None:
                contributor.bring(spec.name)
                self.gate().check_installed(self._recorded())
            with self._building(decision, environment):
                contribution = contributor.contribute(
                    spec, create=lambda _path: self._making(environment).create(), started=started
                )
            self.log.installed(Installed((), versions_in(self.layer)))
            return contribution
        # What makes an environment takes a tenth of the time of an unchanged build to import.
        from layerwright.build.store.bytecode import BytecodeStore
        from layerwright.build.venv.resolved import digest_of

        before = versions_in(self.layer)
        bytecode = None if self.store is None else BytecodeStore(self.store, self.interpreter)
        afresh = contributor.is_discarded(spec)
        with self._building(decision, environment) as variables:
            choosing = self.gate().choosing if self.gate is not None else {}
            making = self._making({**environment, **variables, **choosing}, bytecode)
            if decision.action is not Action.KEEP:
                making.first()
            if decision.examines:
                spec = self._examined(spec, {**environment, **variables})
                decision = contributor.decide(spec)
            wanted = making.resolve() if decision.resolves else None
            if wanted is not None:
                spec = replace(spec, resolution=digest_of(wanted))
            if self.gate is not None:
                self._judge(
                    self.gate(), making, wanted, kept=contributor.decide(spec).action is Action.KEEP, due=due
                )
            can_update = wanted is not None or update_of(self.install.sameness) is not None
            contribution = contributor.contribute(
                spec,
                create=lambda _path: self._judged(making.create(afresh=afresh)),
                update=(lambda _path, old: self._judged(making.update(wanted, old))) if can_update else None,
                learn=self._learn,
                started=started,
            )
        if bytecode is not None:
            # It is synced by now.
            bytecode.offer(self.interpreter.site_packages(self.layer))
        self.log.installed(changes(before, versions_in(self.layer)))
        return contribution

    def _judge(
        self, gate: Gate, making: Making, wanted: tuple[Resolved, ...] | None, *, kept: bool, due: bool
    ) -> None:
        """Hold what will be installed to the policy, or, if the layer is *kept*, what is, unless it is not *due*."""
        if not kept:
            if wanted is None and gate.needs_resolution:
                # The lock has hashes and no names of archives, which only the package manager knows.
                wanted = making.resolve()
            gate.check_planned(wanted)
        elif due:
            gate.check_installed(wanted)

    def _judged(self, filled: Filled) -> Filled:
        """Hold what is installed now to the policy, and return how the layer was *filled*."""
        if self.gate is not None:
            self.gate().check_installed(self._recorded())
        return filled

    def _recorded(self) -> tuple[Resolved, ...] | None:
        from layerwright.build.venv.resolved import read_record

        return read_record(self.layer)

    def _of_bytecode(self, contributor: Contributor, spec: LayerSpec) -> LayerSpec:
        """Return *spec*, with a reason to create the layer if another patch release has another format of bytecode."""
        recorded = contributor.recorded(spec.name)
        if recorded.get(MADE_WITH) in (None, spec.python):
            return spec
        from layerwright.build.patches.dependence import bytecode_format

        if recorded.get(BYTECODE) == bytecode_format(self.interpreter):
            return spec
        return replace(spec, fresh_because=f"the bytecode of Python {spec.python} has another format")

    def _examined(self, spec: LayerSpec, environment: Mapping[str, str]) -> LayerSpec:
        """Return *spec* with the reason, if there is one, why another version of the package manager must create it."""
        from layerwright.build.sample.examine import why_written_otherwise
        from layerwright.build.venv.resolved import read_record

        resolution: Any = resolution_of(self.install.sameness)

        def reinstall(wheel: Path, environment: Path) -> Command:
            with blaming(self.plugin, _REINSTALL):
                command = resolution.reinstall(wheel, environment)
            return checked_value(command, Command, self.plugin, _REINSTALL)

        why = why_written_otherwise(
            self.layer,
            read_record(self.layer) or (),
            reinstall,
            interpreter=self.interpreter,
            runner=self.runner.within(environment).without_secrets(),
            place=self.report.with_name("sample"),
        )
        return replace(spec, examined=dict.fromkeys(spec.examined, why))

    def _learn(self) -> dict[str, Any]:
        """Return what the metadata of the complete layer says about the patch release of Python."""
        from layerwright.build.patches.dependence import bytecode_format, dependences
        from layerwright.build.venv.resolved import read_record

        site_packages = self.interpreter.site_packages(self.layer)
        texts = {
            label(name): text
            for name, value in self.install.inputs.items()
            if value.startswith("sha256:") and (text := self._text(name))
        }
        archives = [one.archive for one in read_record(self.layer) or ()]
        found = dependences(site_packages, self.interpreter.version, texts=texts, archives=archives)
        return {BYTECODE: bytecode_format(self.interpreter), DEPENDS: without_known_secrets(found)}

    def _text(self, name: str) -> str:
        """Return the text of the application's file *name*; empty if it is something else."""
        is_archive = name.endswith((".whl", ".gz", ".bz2", ".zip"))
        data = b"" if is_archive or not self.project.exists(name) else self.project.read(name) or b""
        return "" if b"\0" in data else data.decode(errors="replace")

    def _making(self, environment: Mapping[str, str], bytecode: BytecodeStore | None = None) -> Making:
        from layerwright.build.venv._making import Making

        return Making(
            install=self.install,
            plugin=self.plugin,
            interpreter=self.interpreter,
            layer=self.layer,
            report=self.report,
            runner=self.runner.within(environment),
            log=self.log,
            bytecode=bytecode,
        )

    @contextmanager
    def _building(self, decision: Decision, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Yield the variables for commands, and leave local directories unchanged if these may build them."""
        runs_nothing = decision.action is Action.KEEP and not decision.resolves
        # Unless a killed build has left it, and the change that it was for was reverted.
        if runs_nothing and not any((d / BUILD_DIRECTORY).exists() for d in self.project.directories):
            yield {}
            return
        from layerwright.build.venv._left_behind import left_as_found
        from layerwright.build.venv._source_builds import kept_clean

        layers = self.layer.parent
        found = left_as_found(
            self.project,
            layers=layers,
            site_packages=self.interpreter.site_packages(self.layer),
            place=layers / names.PRIVATE / "left-behind",
            log=self.log,
        )
        with (
            found,
            kept_clean(self.project.directories, self.report.with_name("build"), environment) as variables,
        ):
            yield variables
