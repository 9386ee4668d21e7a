from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.buildpack.package._interpreter import Interpreters, choose
from layerwright.buildpack.package.target import Machine, machine_of
from layerwright.errors import ConfigurationError, UserError
from layerwright.process.runner import Runner
from layerwright.pythons.provider import Candidate, anything
from layerwright.pythons.standalone._catalogue import Archive
from layerwright.pythons.standalone.provider import StandaloneProvider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.pythons.provider import Progress, Wanted

NATIVE = machine_of("")
FOREIGN = machine_of("linux/arm64" if NATIVE.name == "x86_64" else "linux/amd64")
RUNNER = Runner(env={})


class Shelf:
    """A provider of some versions, which remembers what it installed."""

    name = "shelf"

    def __init__(self, *versions: str) -> None:
        self.versions = versions
        self.installed: list[str] = []

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        return [Candidate(version=v, provider=self.name, origin="here", inputs={}) for v in self.versions]

    def looked_in(self) -> Sequence[str]:
        return []

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        self.installed.append(candidate.version)


def chosen(
    tmp_path: Path,
    wanted: str = "",
    *,
    machine: Machine = NATIVE,
    environment: Mapping[str, str] | None = None,
    shelf: Shelf | None = None,
) -> Interpreters:
    return choose(
        wanted,
        machine,
        {"HOME": str(tmp_path), **(environment or {})},
        cache=tmp_path / "cache",
        runner=RUNNER,
        standalone=shelf,
    )


def test_by_default_it_is_the_newest_minor_version_that_is_known(tmp_path: Path) -> None:
    assert chosen(tmp_path, shelf=Shelf("3.15.0", "3.14.2", "3.13.1")).version == "3.14.2"


def test_a_minor_version_or_a_specifier_chooses_another(tmp_path: Path) -> None:
    shelf = Shelf("3.14.2", "3.13.7", "3.12.1")
    assert chosen(tmp_path, "3.13", shelf=shelf).version == "3.13.7"
    assert chosen(tmp_path, "<3.13", shelf=shelf).version == "3.12.1"


def test_what_is_no_version_is_reported_with_the_option(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--python"):
        chosen(tmp_path, "three", shelf=Shelf())


def test_of_the_configuration_only_where_interpreters_come_from_counts(tmp_path: Path) -> None:
    environment = {
        "LAYERWRIGHT_PYTHON_VERSION": "3.12",
        "LAYERWRIGHT_PIP_LAUNCH": "nonsense",
        "LAYERWRIGHT_PYTHON_MIRROR": "https://example.com/pythons",
    }
    found = chosen(tmp_path, environment=environment)
    assert found.candidate.origin.startswith("https://example.com/pythons/")
    assert found.candidate.provider == "standalone"
    assert not found.version.startswith("3.12")
    assert found.version in found.words
    with pytest.raises(ConfigurationError):
        chosen(tmp_path, environment={"LAYERWRIGHT_PYTHON_PROVIDER": "elsewhere"})


def test_on_this_machine_it_does_the_work_itself(tmp_path: Path) -> None:
    shelf = Shelf("3.14.2")
    python = chosen(tmp_path, shelf=shelf).install(tmp_path, RUNNER, lambda _done, _total: None)
    assert python == tmp_path / "bin" / "python3.14"
    assert shelf.installed == ["3.14.2"]


def test_a_copy_of_an_interpreter_of_this_machine_is_none_for_another(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        chosen(tmp_path, machine=FOREIGN, environment={"LAYERWRIGHT_PYTHON_PROVIDER": "system"})
    assert raised.value.reference == "no-interpreter-for-target"


def test_without_the_same_minor_version_here_another_machines_cannot_be_compiled_for(tmp_path: Path) -> None:
    archive = Archive(version="3.99.1", filename="x.tar.gz", url="https://example.com/x", sha256="0" * 64)
    standalone = StandaloneProvider(FOREIGN.name, tmp_path, catalogue=[archive])
    with pytest.raises(UserError) as raised:
        choose("3.99", FOREIGN, {}, cache=tmp_path, runner=RUNNER, standalone=standalone)
    assert raised.value.reference == "no-python-to-compile"
    assert "Python 3.99" in raised.value.summary
