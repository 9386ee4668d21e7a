"""What a build decides about each application of the corpus: asked for in this process, with the real plugins."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from layerwright.build.explain import explain
from layerwright.build.request import BuildRequest
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.cnb.target import Target
from layerwright.config.application import choose_application
from layerwright.errors import UserError
from layerwright.pythons.provider import Candidate, anything
from layerwright.testing.applications import Application
from tests.corpus.applications import CORPUS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.build.explain import Explanation
    from layerwright.config.reading import PythonSettings
    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Progress, Wanted
    from tests.corpus.applications import Kind

VERSIONS = ("3.15.0", "3.14.2", "3.13.1", "3.12.8", "3.11.9")


class EveryPython:
    """Has each minor version, as an image does; nothing is installed."""

    name = "every"

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        return [Candidate(v, self.name, "everywhere", {}) for v in VERSIONS if wanted(v)]

    def looked_in(self) -> Sequence[str]:
        return ["everywhere"]

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        raise AssertionError((candidate, destination, runner, progress))


def explained(kind: Kind, root: Path) -> Explanation:
    """Write the application of *kind*, and explain a build of it."""

    def providers(_settings: PythonSettings) -> Sequence[EveryPython]:
        return [EveryPython()]

    app = Application(root / "app")
    app.path.mkdir()
    (root / "layers").mkdir()
    kind.write(app)
    chosen = choose_application(app.path / kind.script, {}, option=kind.directory)
    return explain(
        BuildRequest(
            project=chosen.project,
            choice=chosen.choice,
            layers=LayersDirectory(root / "layers"),
            environment={"PATH": "/usr/bin:/bin", "HOME": str(root)},
            target=Target(os="linux", arch="amd64"),
            providers=providers,
            report=root / "report.json",
            today=date(2026, 11, 1),
        )
    )


def line(command: Sequence[str]) -> str:
    """Return a command without the shell around it."""
    in_shell = [*command[:2]] == ["sh", "-c"]
    return command[2].removeprefix("exec ").removesuffix(' "$@"') if in_shell else " ".join(command)


@pytest.mark.parametrize("name", [name for name, kind in CORPUS.items() if not kind.refused])
def test_it_is_claimed_gets_its_python_and_what_to_run(name: str, tmp_path: Path) -> None:
    kind = CORPUS[name]
    found = explained(kind, tmp_path)
    reason = found.prepared.reason
    assert (found.prepared.manager.name, reason.partition(" exists")[0]) == (kind.manager, kind.evidence)
    assert found.prepared.candidate.version.rpartition(".")[0] == kind.python
    lines = {process.type: line(process.command) for process, _ in found.processes}
    wanted = {"web": kind.web, "worker": kind.worker}
    assert lines == {type_: text for type_, text in wanted.items() if text}
    warned = (
        *found.warnings,
        *found.prepared.python_warnings,
        *(one.because for one, _ in found.not_proposed),
    )
    assert kind.says in "\n".join(warned)


@pytest.mark.parametrize("name", [name for name, kind in CORPUS.items() if kind.refused])
def test_it_is_refused_with_the_next_step(name: str, tmp_path: Path) -> None:
    kind = CORPUS[name]
    with pytest.raises(UserError) as caught:
        explained(kind, tmp_path)
    assert caught.value.summary.startswith(kind.refused)
    assert kind.remedy in "\n".join((caught.value.cause, *caught.value.remedy))
