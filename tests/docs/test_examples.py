"""Every example for plugin authors runs, and its types are right: a page's Python is one module."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cli.main import main
from layerwright.config.sources import FILES
from layerwright.plugins.declarative.read import read_file
from layerwright.plugins.entry_points import API_GROUP, FILE_GROUPS, PLUGIN_GROUP, REFINES_GROUP
from tests.docs.page import examples, module
from tests.fixtures.pages import DOCS, ROOT, named

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = sorted(DOCS.glob("plugins/**/*.md"))
LANGUAGES = {"console", "json", "python", "text", "toml"}
NOT_RUN = {"docs/plugins/tutorial.md": 2}
"""How many examples of a page are not run; each has its reason above it."""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a module for each page that has Python."""
    directory = tmp_path_factory.mktemp("pages")
    for page in PAGES:
        text = module(page)
        if text:
            name = named(page).removeprefix("docs/").removesuffix(".md").replace("/", "_").replace("-", "_")
            (directory / f"test_{name}.py").write_text(text)
    return directory


def run(directory: Path, *command: str) -> None:
    """Run *command*, a module of Python, in *directory*; fail with what it says if it does."""
    arguments = [sys.executable, "-m", *command]
    completed = subprocess.run(arguments, cwd=directory, capture_output=True, text=True, check=False)
    if completed.returncode:
        pytest.fail(completed.stdout + completed.stderr, pytrace=False)


def test_the_python_of_every_page_runs(modules: Path) -> None:
    options = ("-q", "-c", "/dev/null", "-W", "error", "-p", "no:cacheprovider", "-p", "no:xdist")
    run(modules, "pytest", *options, "-p", "layerwright.testing.fixtures", "--rootdir", ".", ".")


def test_the_python_of_every_page_has_its_types_right(modules: Path) -> None:
    run(modules, "mypy", "--strict", "--cache-dir", ".mypy_cache", ".")


def test_the_python_of_every_page_is_formatted(tmp_path: Path) -> None:
    for page in PAGES:
        for example in examples(page):
            if example.language == "python":
                (tmp_path / f"{page.stem}_{example.line}.py").write_text(example.text)
    run(tmp_path, "ruff", "format", "--diff", "--quiet", "--config", str(ROOT / "pyproject.toml"), ".")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_example_is_left_out_silently(page: Path) -> None:
    found = examples(page)
    assert {example.language for example in found} <= LANGUAGES
    assert len([example for example in found if example.not_run]) == NOT_RUN.get(named(page), 0)


def toml_examples() -> Iterator[Any]:
    # Those of the tutorial are built with: test_tutorial.
    for page in (page for page in PAGES if page.name != "tutorial.md"):
        for example in examples(page):
            if example.language == "toml" and not example.not_run:
                yield pytest.param(example.file, example.text, id=f"{named(page)}:{example.line}")


@pytest.mark.parametrize(("file", "text"), list(toml_examples()))
def test_an_example_in_toml_is_accepted(file: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / Path(file).name
    path.write_text(text)
    if path.name == "package-manager.toml":
        assert read_file(path, shown=str(path)).problems == ()
    elif set(tomllib.loads(text)) & {"build-system", "project"}:
        groups = tomllib.loads(text)["project"]["entry-points"]
        assert groups.keys() <= {PLUGIN_GROUP, *FILE_GROUPS, REFINES_GROUP, API_GROUP}
    else:
        assert path.name in FILES, "its first line is a comment with the name of the file"
        assert main(["config", str(tmp_path)]) == 0
