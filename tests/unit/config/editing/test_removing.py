from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layerwright.config.editing._removing import removed
from layerwright.config.editing.change import edited, removal
from layerwright.config.reading import ToolSettings
from layerwright.errors import UserError
from layerwright.files.project import Project

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class AcmeSettings(ToolSettings):
    requirements: tuple[str, ...] = ()


MODELS: dict[str, type[ToolSettings]] = {"acme": AcmeSettings}


@pytest.mark.parametrize(
    ("text", "file", "key", "expected"),
    [
        ("package-manager = 'acme'\n", "layerwright.toml", ("package-manager",), ""),
        (
            "# top\n[acme] # the tool\n# why\nlaunch = true # now\nversion = '1'\n",
            "layerwright.toml",
            ("acme", "launch"),
            "# top\n[acme] # the tool\n# why\nversion = '1'\n",
        ),
        (
            "[project]\nname = 'x'\n\n[tool.layerwright.acme]\nlaunch = true\n",
            "pyproject.toml",
            ("acme", "launch"),
            "[project]\nname = 'x'\n\n",
        ),
        (
            "[tool.layerwright]\npackage-manager = 'acme'\n[tool.ruff]\na = 1\n",
            "pyproject.toml",
            ("package-manager",),
            "[tool.ruff]\na = 1\n",
        ),
        ("[acme] # the tool\nlaunch = true\n", "layerwright.toml", ("acme", "launch"), "[acme] # the tool\n"),
        ("[acme]\n# why\nlaunch = true\n", "layerwright.toml", ("acme", "launch"), "[acme]\n# why\n"),
        ("acme.launch = true\r\nx = 1\r\n", "layerwright.toml", ("acme", "launch"), "x = 1\r\n"),
        ("acme = {launch = true}\nx = 1\n", "layerwright.toml", ("acme", "launch"), "x = 1\n"),
        ("[acme]\nlaunch = true\n[python]\n", "layerwright.toml", ("acme",), "[python]\n"),
    ],
)
def test_a_key_and_the_tables_that_are_then_empty_are_removed_but_no_comment(
    text: str, file: str, key: tuple[str, ...], expected: str
) -> None:
    assert removed(text, file, key) == expected


BLOCKS = (
    "[project]\nname = 'x' # name\n",
    "[tool.ruff]\na = 1\n\n",
    "[[tool.mypy.overrides]]\nmodule = 'a'\n",
    "[tool.layerwright]\npackage-manager = 'x'\n",
    "[tool.layerwright.acme]\nlaunch = false\n",
    "[tool.layerwright.python]\nversion = '3.13'\n",
    "[tool.layerwright.processes]\nweb = 'serve'\n",
    "# comment\n",
)
KEYS = (("package-manager",), ("acme", "version"), ("python", "mirror"), ("processes", "a.b"))


def values(tree: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """Return the values in *tree* by their paths, whatever empty tables are around them."""
    if not isinstance(tree, dict):
        return {path: tree}
    return {k: v for name, below in tree.items() for k, v in values(below, (*path, name)).items()}


@given(st.lists(st.sampled_from(BLOCKS), unique=True), st.sampled_from(KEYS))
def test_what_was_set_can_be_unset_and_nothing_else_changes(blocks: list[str], key: tuple[str, ...]) -> None:
    text = "".join(blocks)
    try:
        before = values(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        assume(False)
    with_key = edited(text, "pyproject.toml", key, "new")
    before.pop(("tool", "layerwright", *key), None)

    try:
        without = removed(with_key, "pyproject.toml", key)
    except UserError:
        # The library would lose a comment: it is the last one in a later part of a scattered table.
        assert text.endswith("# comment\n") or text.find("# comment") > text.find("[tool.layerwright]") >= 0
        return

    assert values(tomllib.loads(without)) == before
    assert without.count("#") == text.count("#")


def test_a_layout_that_cannot_be_kept_is_left_alone() -> None:
    text = (
        "[tool.layerwright.processes]\nweb = 'a b'\n[tool.layerwright]\nacme.launch = true\n\n[tool]\n"
        "[tool.layerwright.processes.worker]\ncommand='x'\n"
    )
    with pytest.raises(UserError) as caught:
        removed(text, "pyproject.toml", ("acme", "launch"))
    assert caught.value.remedy == ("Edit it by hand: remove tool.layerwright.acme.launch.",)


def application(directory: Path, **files: str) -> Project:
    for name, text in files.items():
        (directory / f"{name}.toml").write_text(text)
    return Project(directory)


def test_the_strongest_file_loses_the_key_and_the_message_says_what_now_applies(tmp_path: Path) -> None:
    project = application(
        tmp_path,
        layerwright="[acme]\nlaunch = true\n",
        pyproject="[tool.layerwright.acme]\nlaunch = true\nversion = '1'\n",
    )
    change = removal(project, {}, MODELS, "acme.launch")
    assert (change.file, change.text) == ("layerwright.toml", "")
    assert change.words == (
        "acme.launch removed from layerwright.toml; now true (pyproject.toml: tool.layerwright.acme.launch)"
    )
    again = removal(project, {"LAYERWRIGHT_ACME_VERSION": "2"}, MODELS, "acme.version")
    assert again.file == "pyproject.toml"
    assert again.words == 'acme.version removed from pyproject.toml; now "2" (LAYERWRIGHT_ACME_VERSION)'
    assert removal(project, {}, MODELS, "acme").words == "acme removed from layerwright.toml"


def test_a_wrong_key_can_be_removed_even_if_another_one_is_wrong_too(tmp_path: Path) -> None:
    project = application(tmp_path, layerwright="[acme]\nlunch = true\n[acne]\nx = 1\n")
    change = removal(project, {}, MODELS, "acme.lunch")
    assert (change.text, change.words) == ("[acne]\nx = 1\n", "acme.lunch removed from layerwright.toml")


@pytest.mark.parametrize(
    ("key", "environment", "summary", "remedy"),
    [
        (
            "acme.lunch",
            {},
            "No file sets acme.lunch; did you mean acme.launch?",
            "`layerwright config` lists the settings.",
        ),
        (
            "python.version",
            {"LAYERWRIGHT_PYTHON_VERSION": "3.13"},
            "No file sets python.version.",
            "Unset the variable LAYERWRIGHT_PYTHON_VERSION.",
        ),
    ],
)
def test_a_key_that_no_file_sets_is_refused(
    tmp_path: Path, key: str, environment: dict[str, str], summary: str, remedy: str
) -> None:
    project = application(tmp_path, layerwright="[acme]\nlaunch = true\n")
    with pytest.raises(UserError) as caught:
        removal(project, environment, MODELS, key)
    assert caught.value.summary == summary
    assert caught.value.remedy == (remedy,)
    assert caught.value.cause == "Set in files: acme, acme.launch."
