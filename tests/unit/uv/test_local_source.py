"""What is built from a local directory depends on every file of it, unless that is provably not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Project
from layerwright_uv.local_source import digest_of

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

PYPROJECT = """\
[project]
name = "shop"
version = "1.0"
readme = "README.md"

[build-system]
requires = ["{0}"]
build-backend = "{0}"
"""


def digest(app: Application, *, editable: bool = True) -> str:
    return digest_of(Project(app.path), ".", editable=editable)


def write(app: Application, more: str = "", backend: str = "uv_build") -> None:
    app.write("pyproject.toml", PYPROJECT.format(backend) + more)
    app.write("README.md", "The shop.\n")
    app.write("src/shop/__init__.py", "answer = 1\n")


def code_counts(app: Application, *, editable: bool = True) -> bool:
    before = digest(app, editable=editable)
    app.write("src/shop/__init__.py", "answer = 2\n")
    return digest(app, editable=editable) != before


@pytest.mark.parametrize("backend", ["uv_build", "hatchling.build"])
def test_the_code_of_an_editable_distribution_does_not_count(app: Application, backend: str) -> None:
    write(app, backend=backend)
    assert not code_counts(app)


def test_the_code_of_one_that_is_not_editable_counts(app: Application) -> None:
    write(app)
    assert code_counts(app, editable=False)


@pytest.mark.parametrize(
    ("backend", "more"),
    [
        ("setuptools.build_meta", ""),
        ("uv_build", 'backend-path = ["."]\n'),
        ("uv_build", '[tool.uv.build-backend]\nmodule-root = ""\n'),
        ("hatchling.build", '[tool.hatch.version]\npath = "src/shop/__init__.py"\n'),
    ],
)
def test_where_a_backend_may_do_more_than_point_at_the_code_it_counts(
    app: Application, backend: str, more: str
) -> None:
    write(app, more, backend)
    assert code_counts(app)


@pytest.mark.parametrize(
    "line",
    [
        'dynamic = ["version"]',
        'readme = "docs/README.md"',
        'license = { file = "legal/LICENSE" }',
        'license-files = ["*"]',
    ],
)
def test_where_metadata_comes_from_deeper_down_all_counts(app: Application, line: str) -> None:
    write(app)
    app.write("pyproject.toml", PYPROJECT.format("uv_build").replace('readme = "README.md"', line))
    assert code_counts(app)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("pyproject.toml", True),
        ("README.md", True),
        ("LICENSE", True),
        ("shop/__init__.py", True),
        ("uv.lock", False),
        (".env", False),
        ("__pycache__/main.pyc", False),
        ("src/shop/views.py", False),
    ],
)
def test_the_files_and_the_names_at_the_top_count(app: Application, name: str, counts: bool) -> None:
    write(app)
    before = digest(app)
    app.write(name, "# changed\n" + (PYPROJECT.format("uv_build") if name == "pyproject.toml" else ""))
    assert (digest(app) != before) is counts


def test_a_project_whose_tables_are_no_tables_is_digested_whole(app: Application) -> None:
    app.write("pyproject.toml", "project = 3\nbuild-system = 4\n")
    app.write("src/shop/__init__.py", "")
    assert code_counts(app)
