"""The tutorial, followed word by word in a fresh directory, gives the plugin that is in plugins/pdm."""

from __future__ import annotations

import doctest
import re
import shutil
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import clean_env
from tests.docs.clone import make_clone
from tests.docs.page import examples
from tests.docs.shell import Shell
from tests.fixtures.pages import DOCS, ROOT, rows, sections
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.docs.page import Example
    from tests.docs.shell import Answer

PAGE = DOCS / "plugins" / "tutorial.md"
PLUGIN = ROOT / "plugins" / "pdm"
LOCK = "src/layerwright_pdm/tool.lock"
EXAMPLES = examples(PAGE)
PREFIX = "layerwright-pdm/"
CHECKER = doctest.OutputChecker()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    """Serve what the tutorial installs."""
    if not (is_complete(wheelhouse()) and is_complete(tool_wheelhouse("pdm"), TOOL_LOCKS["pdm"])):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        index.add_directory(wheelhouse())
        index.add_directory(tool_wheelhouse("pdm"))
        yield index


@pytest.fixture
def shell(tmp_path: Path, index: PackageIndex) -> Shell:
    """Return a shell in a fresh clone, whose package index is the one on loopback."""
    clone, home = tmp_path / "layerwright", tmp_path / "home"
    for directory in (clone, home):
        directory.mkdir()
    make_clone(clone)
    env = {
        **clean_env(home),
        # The one that the wheelhouse was filled for at least.
        "LAYERWRIGHT_PYTHON_VERSION": "{}.{}".format(*sys.version_info),
        "NO_PROXY": "127.0.0.1",
        "PDM_PYPI_URL": index.url,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_INDEX_URL": index.url,
    }
    return Shell(clone, env, memory=tmp_path / "memory")


def commands(example: Example) -> list[tuple[str, str]]:
    """Return each command of *example* with the output that the page shows for it."""
    parts = re.split(r"^\$ (.+)\n", example.text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def is_as_shown(answer: Answer, shown: str) -> bool:
    """Return whether *answer* is what the page shows, if it shows anything, and fails only where the page does."""
    fails = re.search(r"^(\w*Error:|FAILED) ", shown, re.MULTILINE) is not None
    return fails == (answer.status != 0) and (not shown or CHECKER.check_output(shown, answer.output, FLAGS))


def test_word_by_word_it_works(shell: Shell, tmp_path: Path) -> None:
    place = tmp_path / "afternoon"
    for example in EXAMPLES:
        if example.file:
            (place / example.file).write_text(example.text)
        elif "uv pip compile" in example.text:
            shutil.copy(PLUGIN / LOCK, place / "layerwright-pdm" / LOCK)
        elif example.language == "console" and not example.not_run:
            follow(shell, example)


def follow(shell: Shell, example: Example) -> None:
    for command, shown in commands(example):
        answer = shell.run(command)
        if not is_as_shown(answer, shown):
            said = f"$ {command}\n{answer.output}\nstatus {answer.status}; the page shows:\n{shown}"
            pytest.fail(said, pytrace=False)


def test_the_plugin_for_pdm_is_what_the_tutorial_ends_with() -> None:
    written = {e.file.removeprefix(PREFIX): e.text for e in EXAMPLES if e.file.startswith(PREFIX)}
    sources = {name: text for name, text in written.items() if name.startswith("src/")}
    assert sources == {name: (PLUGIN / name).read_text() for name in sources}
    page, ours = map(tomllib.loads, (written["pyproject.toml"], (PLUGIN / "pyproject.toml").read_text()))
    assert page["project"]["entry-points"] == ours["project"]["entry-points"]
    assert page["tool"] == ours["tool"]


def test_the_conformance_test_of_the_tutorial_is_that_of_the_plugin() -> None:
    [written] = [e.text for e in EXAMPLES if e.file == f"{PREFIX}tests/test_conformance.py"]
    ours = (ROOT / "tests" / "conformance" / "test_pdm.py").read_text()
    assert written.partition("    @staticmethod\n")[2] == ours.partition("    @staticmethod\n")[2]


def test_what_the_tutorial_explains_is_in_the_plugin() -> None:
    section = sections(PAGE, "##")["Complete the plugin"]
    explained = [word for row in rows(section) for word in re.findall(r"`(.+?)`", row[0])]
    declaration = (PLUGIN / "src/layerwright_pdm/package-manager.toml").read_text()
    assert explained
    assert [word for word in explained if word not in declaration] == []
