"""What a project names in cache-keys counts, besides its own files."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from layerwright import Project
from layerwright_uv.cache_keys import cache_keys
from layerwright_uv.environment import environment
from tests.unit.sameness import archives_of
from tests.unit.uv.requests import NO_FILES, environment_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application


def keys(app: Application, keys: str, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    app.write("lib/pyproject.toml", f"[tool.uv]\ncache-keys = {keys}\n")
    return tuple(cache_keys(Project(app.path), "lib", environment or {}))


def test_a_project_without_keys_has_none(app: Application) -> None:
    assert tuple(cache_keys(Project(app.path), ".", {})) == ()
    assert keys(app, '"all"') == ()


@pytest.mark.parametrize(
    "key", ['"../shared/**/*.txt"', '{ file = "../shared/a.txt" }', '{ file = "../shared/**" }']
)
def test_files_beside_the_project_count(app: Application, key: str) -> None:
    app.write("shared/a.txt", "1\n")
    before = keys(app, f"[{key}]")
    app.write("shared/a.txt", "2\n")
    changed = keys(app, f"[{key}]")
    (app.path / "shared" / "a.txt").unlink()
    assert len({before, changed, keys(app, f"[{key}]")}) == 3


@pytest.mark.parametrize("name", ["", "/no/such/file", "**words"])
def test_what_is_no_pattern_is_a_name(app: Application, name: str) -> None:
    [key] = keys(app, f'[{{ file = "{name}" }}]')
    assert key.startswith(f"file {name}: ")


def test_a_directory_counts_by_its_being_there(app: Application) -> None:
    before = keys(app, '[{ dir = "src" }]')
    app.write("lib/src/a.py", "")
    assert keys(app, '[{ dir = "src" }]') != before


def test_variables_count(app: Application) -> None:
    key = '[{ env = "RELEASE" }]'
    found = [
        keys(app, key, environment) for environment in ({}, {"RELEASE": "1"}, {"RELEASE": "2", "X": "1"})
    ]
    assert len(set(found)) == 3
    assert keys(app, key, {"RELEASE": "2"}) == found[2]


@pytest.mark.parametrize("key", ["{ git = true }", "{ git = { commit = true, tags = true } }"])
def test_the_repository_counts(app: Application, key: str) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *who, *arguments], cwd=app.path, check=True)

    outside = keys(app, f"[{key}]")
    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message=x")
    before = keys(app, f"[{key}]")
    git("tag", "v1")
    assert len({outside, before, keys(app, f"[{key}]")}) == 3


def test_keys_count_for_what_is_installed_and_for_what_it_is_installed_from(app: Application) -> None:
    app.write("uv.lock", '[[package]]\nname = "lib"\nversion = "1"\nsource = { editable = "lib" }\n')
    app.write("pyproject.toml", "")
    app.write("lib/pyproject.toml", '[tool.uv]\ncache-keys = [{ env = "RELEASE" }]\n')

    def found(release: str) -> tuple[str, str]:
        install = environment(environment_request(app, environment={**NO_FILES, "RELEASE": release}))
        return install.inputs["lib in lib"], archives_of(install)["lib==1"]

    assert found("1") == found("1")
    assert not {*found("1")} & {*found("2")}
