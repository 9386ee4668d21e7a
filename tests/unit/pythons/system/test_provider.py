from __future__ import annotations

import py_compile
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.errors import SiteError
from layerwright.process.command import Command, Completed
from layerwright.process.runner import Runner
from layerwright.pythons.provider import Candidate, minor_of
from layerwright.pythons.system.provider import SystemProvider
from tests.unit.pythons.samples import prefix
from tests.unit.pythons.system.test_discover import Interpreters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def provider(tmp_path: Path, runner: Interpreters, *folders: Path) -> SystemProvider:
    env = {"PATH": ":".join(map(str, folders))}
    return SystemProvider(env, tmp_path, tmp_path, runner, base_prefix=str(tmp_path / "none"))


def test_what_can_be_copied_is_a_candidate_identified_by_its_files(tmp_path: Path) -> None:
    runner = Interpreters()
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    (candidate,) = provider(tmp_path, runner, folder).candidates()
    assert (candidate.version, candidate.provider, candidate.origin) == (
        "3.13.1",
        "system",
        str(folder.parent),
    )
    assert list(candidate.inputs) == ["prefix", "bin/python3.13", "lib/libpython3.13.so.1.0"]


def test_an_interpreter_that_was_replaced_is_another_candidate(tmp_path: Path) -> None:
    runner = Interpreters()
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    (before,) = provider(tmp_path, runner, folder).candidates()
    with (tmp_path / "prefix/lib/libpython3.13.so.1.0").open("ab") as file:
        file.write(b"x")
    (after,) = provider(tmp_path, runner, folder).candidates()
    assert {key for key in after.inputs if after.inputs[key] != before.inputs[key]} == {
        "lib/libpython3.13.so.1.0"
    }


def test_a_static_interpreter_is_identified_by_its_executable_alone(tmp_path: Path) -> None:
    runner = Interpreters()
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    (tmp_path / "prefix/lib/libpython3.13.so.1.0").unlink()
    (candidate,) = provider(tmp_path, runner, folder).candidates()
    assert list(candidate.inputs) == ["prefix", "bin/python3.13"]


def test_what_cannot_be_copied_is_no_candidate_but_was_looked_at(tmp_path: Path) -> None:
    runner = Interpreters()
    folder = runner.add(tmp_path / "prefix", "3.8.18")
    found = provider(tmp_path, runner, folder)
    assert found.candidates() == []
    assert found.looked_in() == [f"{folder}/python3.8: 3.8.18, not usable: Python 3.9 or newer is needed"]


def test_where_there_is_none_the_directories_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    assert provider(tmp_path, Interpreters(), folder).looked_in() == [str(folder), f"{tmp_path}/none/bin"]


def test_the_minor_version_is_the_first_two_numbers() -> None:
    assert minor_of("3.13.1") == minor_of("3.13") == "3.13"


class Compilers(Runner):
    """Keeps the commands, of which none succeeds."""

    def __init__(self) -> None:
        super().__init__(env={})
        self.commands: list[Command] = []

    @override
    def within(self, env: Mapping[str, str]) -> Runner:
        return self

    @override
    def try_run(self, command: Command) -> Completed:
        self.commands.append(command)
        return Completed(returncode=1, output="")


@pytest.mark.parametrize("is_complete", [True, False])
def test_the_bytecode_of_the_original_is_adopted_if_it_is_complete(tmp_path: Path, is_complete: bool) -> None:
    original, layer = prefix(tmp_path / "prefix"), tmp_path / "layer"
    (original / "lib/python3.13/__pycache__/os.cpython-313.pyc").unlink()
    sources = list((original / "lib/python3.13").glob("*.py"))
    for source in sources if is_complete else sources[1:]:
        py_compile.compile(str(source), f"{source.parent}/__pycache__/{source.stem}.cpython-313.pyc")
    runner = Compilers()
    candidate = Candidate(version="3.13.1", provider="system", origin=str(original), inputs={})

    with pytest.raises(SiteError, match="does not work"):
        provider(tmp_path, Interpreters()).install(candidate, layer, runner, lambda _done, _total: None)

    adopt = f"--adopt={original}/lib/python3.13"
    assert (adopt in runner.commands[0].argv) is is_complete
    assert runner.commands[0].argv[-1] == f"{layer}/lib/python3.13"
