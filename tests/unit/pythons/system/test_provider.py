from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.pythons.provider import minor_of
from layerwright.pythons.system.provider import SystemProvider
from tests.unit.pythons.system.test_discover import Interpreters

if TYPE_CHECKING:
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
