"""A lock file in the place of requirements files: which file is one, for which Python, and what it may not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import (
    Change,
    EnvironmentInstall,
    Locked,
    Project,
    Resolution,
    Resolved,
    UserError,
    VersionSource,
)
from layerwright_pip.environment import environment
from layerwright_pip.manager import PipSettings
from layerwright_pip.pylock import is_pylock, python_bounds, refuse_older_pip, refuse_unhashed
from layerwright_pip.resolution import Repetition
from layerwright_pip.sources import DEFAULT_FILES, entries
from tests.unit.pip.requests import NO_FILES, environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

HEAD = 'lock-version = "1.0"\ncreated-by = "tests"\n'


def install(app: Application, *, pip: str = "26.3", more: dict[str, str] | None = None) -> EnvironmentInstall:
    request = environment_request(
        app, settings=PipSettings(), environment={**NO_FILES, **(more or {})}, pip=pip
    )
    return environment(request)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("pylock.toml", True),
        ("pylock.web.toml", True),
        ("locks/pylock.web.toml", True),
        ("pylock.a.b.toml", False),
        ("my-pylock.toml", False),
        ("requirements.txt", False),
    ],
)
def test_a_lock_file_is_known_by_its_name(name: str, is_one: bool) -> None:
    assert is_pylock(name) is is_one


@pytest.mark.parametrize(
    ("there", "configured", "installed"),
    [
        (("pylock.toml",), DEFAULT_FILES, ("pylock.toml",)),
        (("pylock.toml", "requirements.txt"), DEFAULT_FILES, DEFAULT_FILES),
        ((), DEFAULT_FILES, DEFAULT_FILES),
        (("pylock.toml",), ("web.txt",), ("web.txt",)),
        (("pylock.toml",), (), ()),
        (("requirements.txt",), ("pylock.toml",), ("pylock.toml",)),
    ],
)
def test_a_lock_file_stands_in_where_nothing_is_configured(
    app: Application, there: tuple[str, ...], configured: tuple[str, ...], installed: tuple[str, ...]
) -> None:
    for name in there:
        app.write(name, "")
    assert entries(Project(app.path), configured) == installed


@pytest.mark.parametrize("specifier", [">=3.10", ">=3.10, <3.14", "==3.13.*", "!=3.12.1", "~=3.12"])
def test_the_pythons_that_it_was_made_for_are_reported(app: Application, specifier: str) -> None:
    app.write("pylock.toml", f"{HEAD}requires-python = '{specifier}'\n[[packages]]\n")
    assert python_bounds(Project(app.path), ["pylock.toml"]) == VersionSource(
        origin="pylock.toml: requires-python", value=specifier, specifier=specifier
    )


@pytest.mark.parametrize(
    "text", [HEAD, f'{HEAD}requires-python = ""', f'{HEAD}[[packages]]\nrequires-python = ">=3"']
)
def test_no_pythons_are_reported_where_the_file_does_not_say(app: Application, text: str) -> None:
    app.write("pylock.toml", text)
    assert python_bounds(Project(app.path), ["absent.txt", "pylock.absent.toml", "pylock.toml"]) is None


def test_no_pythons_are_reported_by_what_is_not_installed(app: Application) -> None:
    app.write("requirements.txt", 'requires-python = ">=3.12"')
    app.write("pylock.toml", 'requires-python = ">=3.13"')
    assert python_bounds(Project(app.path), ["requirements.txt"]) is None


@pytest.mark.parametrize(("version", "can"), [("26.1", True), ("27.0b1", True), ("26.0.1", False)])
def test_pip_can_install_it_since_26_1(version: str, can: bool) -> None:
    if can:
        refuse_older_pip(version, "pylock.toml")
        return
    with pytest.raises(UserError, match="cannot install"):
        refuse_older_pip(version, "pylock.toml")


def test_what_can_have_no_hash_is_refused_by_name(app: Application) -> None:
    text = '[[packages]]\nname = "shop"\ndirectory = { path = "." }\n[[packages]]\nname = "kit"\n[packages.vcs]\n'
    app.write("pylock.toml", HEAD + text)
    with pytest.raises(UserError) as error:
        refuse_unhashed(Project(app.path), "pylock.toml")
    assert error.value.cause == "shop is a local directory.\nkit is a repository."
    assert "--no-emit-project" in error.value.remedy[0]


@pytest.mark.parametrize(
    "text",
    [
        '[[packages]]\nname = "flask"\n',
        '[[packages]]\nname = "directory"\n',
        '[tool.acme]\ndirectory = "x"\n',
        'packages = "vcs"\n',
        'packages = ["vcs"]\n',
    ],
)
def test_what_only_looks_like_it_is_not_refused(app: Application, text: str) -> None:
    app.write("pylock.toml", HEAD + text)
    refuse_unhashed(Project(app.path), "pylock.toml")


def test_it_is_installed_with_every_hash_checked(app: Application) -> None:
    app.write("pylock.toml", HEAD)
    found = install(app)
    [command] = found.commands
    assert command.argv[-3:] == ("--require-hashes", "-r", "pylock.toml")
    assert command.words == "pip install -r pylock.toml"
    assert isinstance(found.sameness, Locked)
    assert isinstance(found.sameness.update, Resolution)
    assert command.argv[-3:] == found.sameness.update.command.argv[-3:]
    assert found.inputs.keys() == {"pylock.toml"}


def test_what_is_replaced_goes_and_then_it_is_installed_again(app: Application) -> None:
    app.write("pylock.toml", HEAD)
    found = install(app)
    assert isinstance(found.sameness, Locked)
    resolution = found.sameness.update
    assert isinstance(resolution, Resolution)
    flask = Resolved(name="flask", version="3.1")
    commands = resolution.converge(Change(install=(flask,), replace=("flask",), remove=("acme",)))
    assert [command.words for command in commands] == ["pip uninstall acme flask", *_words(found)]
    assert [c.words for c in resolution.converge(Change(install=(flask,)))] == _words(found)
    assert [c.words for c in resolution.converge(Change(remove=("acme",)))] == ["pip uninstall acme"]


def _words(found: EnvironmentInstall) -> list[str]:
    return [command.words for command in found.commands]


def test_an_older_pip_is_refused(app: Application) -> None:
    app.write("pylock.toml", HEAD)
    with pytest.raises(UserError) as error:
        install(app, pip="26.0.1")
    assert error.value.reference == "pylock-needs-newer-pip"


def test_requirements_files_beside_it_are_read(app: Application) -> None:
    app.write("pylock.web.toml", HEAD)
    app.write("extra.txt", "acme")
    request = environment_request(app, settings=PipSettings(requirements=("pylock.web.toml", "extra.txt")))
    found = environment(request)
    assert found.inputs.keys() == {"pylock.web.toml", "extra.txt"}
    assert isinstance(found.sameness, Resolution)
    assert isinstance(found.sameness.converge, Repetition)


def test_a_link_to_another_file_is_no_lock_file_and_pip_does_not_get_to_print_it(app: Application) -> None:
    (app.path.parent / "shadow").write_text("hunter2 = 1\n")
    (app.path / "pylock.toml").symlink_to("../shadow")
    with pytest.raises(UserError) as caught:
        refuse_unhashed(Project(app.path), "pylock.toml")
    assert caught.value.reference == "outside-lock-file"
