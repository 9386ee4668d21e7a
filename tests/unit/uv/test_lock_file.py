"""What the lock file says is read without parsing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Project
from layerwright_uv.lock_file import python_bounds, read_lock

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

REGISTRY = """\
[[package]]
name = "acme"
version = "1.0"
source = { registry = "https://example.com/simple" }
dependencies = [
    { name = "base", version = "2" },
]
wheels = [
    { url = "https://example.com/acme-1.0-cp313.whl", hash = "sha256:bb", size = 1 },
    { url = "https://example.com/acme-1.0-cp312.whl", hash = "sha256:aa", size = 1 },
]
"""
DYNAMIC = '[[package]]\nname = "shop"\nsource = { editable = "." }\n'


def test_each_distribution_has_its_name_its_version_and_its_source() -> None:
    packages = read_lock(f"version = 1\n\n{REGISTRY}\n{DYNAMIC}")
    assert packages is not None
    assert [(p.name, p.version, p.kind, p.source) for p in packages] == [
        ("acme", "1.0", "registry", "https://example.com/simple"),
        ("shop", "", "editable", "."),
    ]
    assert [p.is_project for p in packages] == [False, True]


def test_the_same_archives_from_another_index_or_in_another_order_are_the_same() -> None:
    lines = REGISTRY.splitlines(keepends=True)
    moved = "".join([*lines[:8], lines[9], lines[8], lines[10]]).replace("example.com", "mirror.example.com")
    [before], [after] = read_lock(REGISTRY) or (), read_lock(moved) or ()
    assert before.digest == after.digest


@pytest.mark.parametrize(("then", "now"), [("sha256:aa", "sha256:cc"), (REGISTRY[-160:-2], "")])
def test_another_archive_is_another_digest(then: str, now: str) -> None:
    [before], [after] = read_lock(REGISTRY) or (), read_lock(REGISTRY.replace(then, now)) or ()
    assert before.digest != after.digest


def test_what_has_no_archive_is_distinguished_by_its_source() -> None:
    text = '[[package]]\nname = "kit"\nversion = "1"\nsource = { git = "https://example.com/kit#abc" }\n'
    [before], [after] = read_lock(text) or (), read_lock(text.replace("#abc", "#def")) or ()
    assert before.digest != after.digest


def test_the_line_endings_do_not_matter() -> None:
    assert read_lock(REGISTRY.replace("\n", "\r\n")) == read_lock(REGISTRY)


def test_a_lock_file_in_another_form_is_not_guessed_at() -> None:
    assert read_lock(REGISTRY + DYNAMIC.replace(" = ", "=")) is None


def test_an_empty_lock_file_has_nothing_in_it() -> None:
    assert read_lock("version = 1\n") == ()


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml"])
def test_the_pythons_that_a_lock_file_was_made_for(app: Application, name: str) -> None:
    app.write(name, 'version = 1\nrequires-python = ">=3.11, <3.14"\n[[package]]\nname = "x"\n')
    bounds = python_bounds(Project(app.path))
    assert bounds is not None
    assert (bounds.origin, bounds.value) == (f"{name}: requires-python", ">=3.11, <3.14")


def test_what_a_distribution_in_a_lock_file_requires_is_no_bound(app: Application) -> None:
    app.write("pylock.toml", 'lock-version = "1.0"\n\n[[packages]]\nrequires-python = ">=3.14"\n')
    assert python_bounds(Project(app.path)) is None


def test_without_a_lock_file_there_is_no_bound(app: Application) -> None:
    assert python_bounds(Project(app.path)) is None
