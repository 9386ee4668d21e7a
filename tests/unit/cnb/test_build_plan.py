from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.build_plan import BuildpackPlan, BuildPlan, Require, write_build_plan
from layerwright.errors import SiteError

if TYPE_CHECKING:
    from pathlib import Path

PLAN = BuildPlan(
    provides=("python", "venv"),
    requires=(Require("python", {"version": "3.13", "launch": True}), Require("venv")),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the file that the lifecycle makes."""
    file = tmp_path / "plan.toml"
    file.touch(mode=0o600)
    return file


def test_plan_has_the_keys_of_the_specification_and_no_top_level_version(path: Path) -> None:
    write_build_plan(path, PLAN)

    assert tomllib.loads(path.read_text()) == {
        "provides": [{"name": "python"}, {"name": "venv"}],
        "requires": [
            {"name": "python", "metadata": {"version": "3.13", "launch": True}},
            {"name": "venv"},
        ],
    }


def test_plan_that_says_nothing_is_still_a_file(path: Path) -> None:
    write_build_plan(path, BuildPlan())

    assert path.read_bytes() == b""


def test_plan_is_written_where_only_its_file_can_be_written(path: Path) -> None:
    before = path.stat()

    write_build_plan(path, PLAN)
    write_build_plan(path, BuildPlan(provides=("python",)))

    assert (path.stat().st_ino, path.stat().st_mode) == (before.st_ino, before.st_mode)
    assert tomllib.loads(path.read_text()) == {"provides": [{"name": "python"}]}


@pytest.mark.parametrize(("provides", "requires"), [(("",), ()), ((), (Require(""),))])
def test_a_dependency_has_a_name(provides: tuple[str, ...], requires: tuple[Require, ...]) -> None:
    with pytest.raises(ValueError, match="has no name"):
        BuildPlan(provides=provides, requires=requires).toml()


def test_buildpack_plan_round_trips_what_others_require(path: Path) -> None:
    path.write_text(
        """
        [[entries]]
        name = "python"
        [entries.metadata]
        launch = true
        version = "3.13"
        digits = 3.0
        [[entries]]
        name = "python"
        [[entries]]
        name = "venv"
        other = "ignored"
        """
    )

    assert BuildpackPlan.read(path).entries == (
        Require("python", {"launch": True, "version": "3.13", "digits": 3.0}),
        Require("python"),
        Require("venv"),
    )


def test_no_buildpack_plan_and_an_empty_one_ask_for_nothing(tmp_path: Path, path: Path) -> None:
    assert BuildpackPlan.read(path) == BuildpackPlan()
    assert BuildpackPlan.read(tmp_path / "absent.toml") == BuildpackPlan()


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"entries = ", "Invalid value"),
        (b"\xff", "can't decode"),
        (b"entries = 1", "Its entries are not a list."),
        (b"entries = ['python']", "An entry is not a table."),
        (b"[[entries]]", "An entry has no name."),
        (b"[[entries]]\nname = ''", "An entry has no name."),
        (b"[[entries]]\nname = 1", "An entry has no name."),
        (b"[[entries]]\nname = 'python'\nmetadata = 'x'", "The metadata of the entry python is not a table."),
    ],
)
def test_a_damaged_buildpack_plan_is_named(path: Path, content: bytes, cause: str) -> None:
    path.write_bytes(content)

    with pytest.raises(SiteError, match=r"^The buildpack plan /.*/plan\.toml cannot be read\.$") as caught:
        BuildpackPlan.read(path)

    assert cause in caught.value.cause
    assert caught.value.reference == "buildpack-plan"


def test_a_buildpack_plan_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="cannot be read"):
        BuildpackPlan.read(tmp_path)
