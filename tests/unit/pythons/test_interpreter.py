from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.config.python_request import (
    DEFAULT_SPECIFIER,
    PREFERRED_MINOR,
    PythonRequest,
    request_python,
)
from layerwright.config.version_files import VERSION_FILE
from layerwright.errors import UserError
from layerwright.files.project import Project
from layerwright.pythons.interpreter import Interpreter, VersionSource, specifier
from layerwright.pythons.specifiers import version_matcher
from layerwright.pythons.support import MINORS

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

CONFIGURED = VersionSource(origin="layerwright.toml: python.version", value="3.12", specifier="==3.12.*")
PINNED = VersionSource(origin="acme.lock", value="3.11.9", specifier="==3.11.9")
REQUIRES = "project.requires-python in pyproject.toml"


def request(
    app: Application,
    *,
    configured: VersionSource | None = None,
    pinned: VersionSource | None = None,
    given: VersionSource | None = None,
) -> PythonRequest:
    return request_python(Project(app.path), configured=configured, pinned=pinned, given=given)


def requires(app: Application, value: str) -> None:
    app.write("pyproject.toml", f"[project]\nrequires-python = {value}\n")


# The interpreter


def test_an_interpreter_knows_its_minor_version_and_its_places() -> None:
    interpreter = Interpreter(version="3.13.2", prefix=Path("/layers/python"))
    assert interpreter.minor == "3.13"
    assert interpreter.executable == Path("/layers/python/bin/python3.13")
    assert interpreter.site_packages(Path("/layers/venv")) == Path(
        "/layers/venv/lib/python3.13/site-packages"
    )


# Sources


def test_every_source_is_seen_and_the_first_decides(app: Application) -> None:
    app.write(".python-version", "3.13\n")
    requires(app, '">=3.10"')
    found = request(app, configured=CONFIGURED, pinned=PINNED)
    assert [(s.origin, s.value, s.specifier) for s in found.sources] == [
        ("layerwright.toml: python.version", "3.12", "==3.12.*"),
        (".python-version", "3.13", "==3.13.*"),
        ("acme.lock", "3.11.9", "==3.11.9"),
        (REQUIRES, ">=3.10", ">=3.10"),
        ("default", DEFAULT_SPECIFIER, DEFAULT_SPECIFIER),
    ]
    assert found.winner == CONFIGURED


def test_the_version_file_is_stronger_than_what_the_package_manager_pins(app: Application) -> None:
    app.write(".python-version", "3.13")
    assert request(app, pinned=PINNED).winner.origin == ".python-version"


def test_a_pin_is_stronger_than_what_the_project_permits(app: Application) -> None:
    requires(app, '">=3.10"')
    assert request(app, pinned=PINNED).winner == PINNED


def test_what_the_project_permits_is_stronger_than_the_default(app: Application) -> None:
    requires(app, '" >= 3.10, < 3.14 "')
    found = request(app)
    assert (found.winner,) == found.bounds
    assert version_matcher(found.winner.specifier)("3.13.0")
    assert not version_matcher(found.winner.specifier)("3.14.0")
    assert found.prefer == (f"=={PREFERRED_MINOR}.*",)
    assert found.best_minor == "3.13"


@pytest.mark.parametrize("text", ["", "[project]\nname = 'a'\n", "project = 1\n", "[tool.other]\n"])
def test_nobody_asking_is_the_default_with_a_preference(app: Application, text: str) -> None:
    app.write("pyproject.toml", text)
    found = request(app)
    assert found.winner.origin == "default"
    assert found.bounds == ()
    assert found.prefer == (f"=={PREFERRED_MINOR}.*",)
    assert version_matcher(found.winner.specifier)(f"{PREFERRED_MINOR}.0")


GIVEN = VersionSource(origin="the buildpack acme: python.version", value="3.12", specifier="==3.12.*")


def test_what_others_give_is_stronger_than_the_default_alone(app: Application) -> None:
    assert request(app, given=GIVEN).winner == GIVEN
    assert request(app, given=GIVEN, pinned=PINNED).winner == PINNED


def test_what_others_give_decides_where_the_project_permits_several(app: Application) -> None:
    requires(app, '">=3.10"')
    found = request(app, given=GIVEN)
    assert found.winner.value == ">=3.10"
    assert found.prefer == ("==3.12.*,==3.14.*", "==3.12.*", "==3.14.*")
    assert found.best_minor == "3.12"


@pytest.mark.parametrize(
    ("value", "best"),
    [
        (">=3.11", PREFERRED_MINOR),
        (">=3.12,<3.14", "3.13"),
        (">=3.15", "3.15"),
        ("<3.12.5", "3.12"),
        ("==3.12.3", ""),
        (">=4", ""),
    ],
)
def test_the_best_minor_version_is_the_preferred_one_where_a_specifier_leaves_a_choice(
    app: Application, value: str, best: str
) -> None:
    requires(app, f'"{value}"')
    assert request(app).best_minor == best


def test_the_preferred_minor_version_has_been_final_for_half_a_year() -> None:
    released = {"3.13": date(2024, 10, 7), "3.14": date(2025, 10, 7), "3.15": date(2026, 10, 1)}
    assert date.today() - released[PREFERRED_MINOR] >= timedelta(days=182)
    assert MINORS.index(PREFERRED_MINOR) <= 1


LOCKED = VersionSource(origin="acme.lock: python", value=">=3.12", specifier=">=3.12")


def test_what_was_locked_is_weaker_than_what_the_project_permits_and_binds_as_well(app: Application) -> None:
    requires(app, '">=3.10"')
    found = request_python(Project(app.path), configured=None, locked=LOCKED)
    assert [source.origin for source in found.sources] == [REQUIRES, "acme.lock: python", "default"]
    found.check("3.12.1")
    with pytest.raises(UserError, match=r"Python 3\.11\.9 is excluded") as raised:
        found.check("3.11.9")
    assert raised.value.cause == f"{REQUIRES} asks for >=3.10, and acme.lock: python is >=3.12."


# What a version may look like


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3.13", "==3.13.*"),
        ("3.13.2", "==3.13.2"),
        (">=3.12,<3.14", ">=3.12,<3.14"),
        ("~=3.12", "~=3.12"),
        ("!=3.12.1,>=3.12", "!=3.12.1,>=3.12"),
    ],
)
def test_a_version_stands_for_its_patch_releases_and_a_specifier_for_itself(
    value: str, expected: str
) -> None:
    assert specifier(value, "here") == expected


@pytest.mark.parametrize(
    ("value", "shown", "cause"),
    [
        ("", "", "It is neither"),
        ("3", "3", "It is neither"),
        ("3.13.*", "3.13.*", "This is the notation of another tool."),
        ("python-3.13", "python-3.13", "This is the notation of another tool."),
        ("3.13.0rc1", "3.13.0rc1", "It is neither"),
        (">=three", ">=three", "It is neither"),
        ('it\'s "3"', 'it\\\'s "3"', "It is neither"),
        ("\u200b3.13", "\\u200b3.13", "It contains a character that cannot be seen or is not ASCII: U+200B."),
        ("3.13\ufeff", "3.13\\ufeff", "It contains a character that cannot be seen or is not ASCII: U+FEFF."),
        (
            ">=3.1\u200d3\x00",
            ">=3.1\\u200d3\\x00",
            "It contains a character that cannot be seen or is not ASCII: U+200D, U+0000.",
        ),
        ("\uff13.13", "\\uff13.13", "It contains a character that cannot be seen or is not ASCII: U+FF13."),
        ("pypy3.10", "pypy3.10", "Layerwright builds with CPython only."),
        ("PyPy3.10-7.3.17", "PyPy3.10-7.3.17", "Layerwright builds with CPython only."),
        ("graalpy-24", "graalpy-24", "Layerwright builds with CPython only."),
    ],
)
def test_what_is_no_version_is_refused_with_the_reason(value: str, shown: str, cause: str) -> None:
    with pytest.raises(UserError) as caught:
        specifier(value, "here")
    assert caught.value.summary == f'"{shown}" in here is not a Python version.'
    assert caught.value.cause.startswith(cause)
    assert "here" in caught.value.remedy[0]
    assert caught.value.reference == "bad-python-version"


# .python-version


@pytest.mark.parametrize(
    "data",
    [
        "3.13",
        "3.13\n",
        "  3.13 \r\n\r\n",
        "# for pyenv\n\n3.13\n",
        b"\xef\xbb\xbf3.13\n",
        "3.13 # the one of production\n",
        "cpython-3.13\n",
        "cpython@3.13\n",
        "CPython3.13\n",
    ],
)
def test_a_version_file_has_one_version_and_perhaps_comments(app: Application, data: str | bytes) -> None:
    app.write(".python-version", data)
    winner = request(app).winner
    assert (winner.origin, winner.value, winner.specifier) == (".python-version", "3.13", "==3.13.*")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "It names none."),
        (" \n# only a comment\n", "It names none."),
        ("3.13\n3.12\n", "It names 2: 3.13, 3.12."),
        ("3.13\n\u200b\n", "It names 2: 3.13, \\u200b."),
    ],
)
def test_a_version_file_with_another_number_of_versions_is_refused(
    app: Application, text: str, cause: str
) -> None:
    app.write(".python-version", text)
    with pytest.raises(UserError) as caught:
        request(app)
    assert caught.value.summary == ".python-version must name one Python version."
    assert caught.value.cause == cause
    assert caught.value.reference == "python-version-file"


@pytest.mark.parametrize("text", ["pypy3.10", "3.1\u200b3", "system", "3.13 3.12"])
def test_a_version_file_with_something_else_is_refused_by_its_name(app: Application, text: str) -> None:
    app.write(".python-version", text)
    with pytest.raises(UserError, match=r"in \.python-version is not a Python version"):
        request(app)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3.12.x", "3.12"),
        ("3.12.X", "3.12"),
        ("3.12.*", "3.12"),
        ("v3.12", "3.12"),
        ("python-3.12.1", "3.12.1"),
    ],
)
def test_a_version_as_other_tools_have_it_is_refused_with_what_to_write(
    app: Application, text: str, meant: str
) -> None:
    app.write(VERSION_FILE, text)
    with pytest.raises(UserError) as caught:
        request_python(Project(app.path), configured=None)
    assert caught.value.summary == f'"{text}" in .python-version is not a Python version.'
    assert caught.value.remedy == (f"Write {meant} in .python-version.",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (VERSION_FILE, "hunter2\n"),
        (VERSION_FILE, "hunter2\nhunter3\n"),
        (VERSION_FILE, "cpython-hunter2\n"),
        ("pyproject.toml", "[project]\nrequires-python = 'hunter2'\n"),
        ("pyproject.toml", "[project]\nrequires-python = ['hunter2']\n"),
    ],
)
def test_nothing_of_a_file_outside_of_the_application_is_shown(
    app: Application, name: str, text: str
) -> None:
    (app.path.parent / "secret").write_text(text)
    (app.path / name).symlink_to("../secret")
    with pytest.raises(UserError) as caught:
        request_python(Project(app.path), configured=None)
    shown = "\n".join([caught.value.summary, caught.value.cause, *caught.value.remedy])
    assert "hunter" not in shown
    assert name in shown


def test_a_version_file_that_is_a_link_to_nowhere_is_not_an_absent_one(app: Application) -> None:
    (app.path / VERSION_FILE).symlink_to("absent")
    with pytest.raises(UserError) as caught:
        request_python(Project(app.path), configured=None)
    assert caught.value.reference == "dangling-link"


def test_a_stronger_source_does_not_excuse_a_bad_version_file(app: Application) -> None:
    app.write(".python-version", "")
    with pytest.raises(UserError, match=r"\.python-version"):
        request(app, configured=CONFIGURED)


# requires-python


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        ('"three"', f'"three" in {REQUIRES} is not a Python version.'),
        ('"^3.12"', f'"^3.12" in {REQUIRES} is not a Python version.'),
        ("3.13", f"{REQUIRES} is not a string."),
        ('[">=3.13"]', f"{REQUIRES} is not a string."),
    ],
)
def test_a_bad_requires_python_is_refused(app: Application, value: str, summary: str) -> None:
    requires(app, value)
    with pytest.raises(UserError) as caught:
        request(app)
    assert caught.value.summary == summary
    assert caught.value.reference == "bad-python-version"


@pytest.mark.parametrize(
    ("bounds", "version"),
    [
        (">=3.12", "3.12.0"),
        (">=3.12", "3.14.1"),
        ("!=3.12.1", "3.12.2"),
        ("<3.14", "3.13.9"),
        (">=3.13.0rc1", "3.13.0"),
        ("~=3.12", "3.14.0"),
        ("3.12", "3.12.7"),
    ],
)
def test_a_version_within_the_bounds_is_accepted(app: Application, bounds: str, version: str) -> None:
    requires(app, f'"{bounds}"')
    request(app, configured=CONFIGURED).check(version)


@pytest.mark.parametrize(
    ("bounds", "version"),
    [
        (">=3.13", "3.12.7"),
        ("!=3.12.*", "3.12.7"),
        ("<3.12", "3.12.0"),
        ("==3.12", "3.12.7"),
        ("<=3.12", "3.12.7"),
    ],
)
def test_a_version_out_of_bounds_is_refused_with_both_sources(
    app: Application, bounds: str, version: str
) -> None:
    requires(app, f'"{bounds}"')
    with pytest.raises(UserError) as caught:
        request(app, configured=CONFIGURED).check(version)
    error = caught.value
    assert error.summary == f"Python {version} is excluded by the application."
    assert error.cause == f"layerwright.toml: python.version asks for 3.12, and {REQUIRES} is {bounds}."
    assert error.remedy == (
        f"Change layerwright.toml: python.version to a version that {bounds} allows,",
        f"or widen {REQUIRES}.",
    )
    assert error.reference == "requires-python"


def test_without_bounds_every_version_is_accepted(app: Application) -> None:
    request(app, configured=CONFIGURED).check("3.9.0")
