"""Every check of the real tier fails for a plugin that is wrong on purpose, in builds with a tool of a few lines."""

from __future__ import annotations

import inspect
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from layerwright.plugins.api import PLUGIN_API
from layerwright.plugins.entry_points import API_GROUP, CONCLUSIVE_GROUP, PLUGIN_GROUP
from layerwright.testing import PackageIndex, PackageManagerConformance, wheel
from layerwright.testing.conformance.trial.built import Template
from tests.conformance.planted import builds, tool
from tests.conformance.planted.applications import application
from tests.conformance.planted.tiny import LOCK, Tiny
from tests.conformance.planted.values import RefusingIndexes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from layerwright.testing.conformance.trial.built import Built

    Program = Callable[[type[Tiny]], tuple[str, ...]]

pytestmark = pytest.mark.integration

PROGRAM = """\
import os, sys
os.environ["PLANTED"], *sys.path[:0] = (sys.argv.pop(1) for _ in range(3))
from layerwright.cli.main import main
sys.exit(main())
"""
ENTRY_POINTS = f"""\
[{PLUGIN_GROUP}]
tiny = {builds.__name__}
[{CONCLUSIVE_GROUP}]
{LOCK} = {builds.__name__}
[{API_GROUP}]
{PLUGIN_API} = {builds.__name__}
"""


class Defect(NamedTuple):
    """A wrong plugin: the check that it fails, words of the failure, and whether the first build shows it."""

    fails: str
    words: str
    manager: type[Tiny]
    at_first: bool = False


DEFECTS = [
    Defect("test_a_first_build_installs_what_is_locked", "tiny.log", builds.Littering, at_first=True),
    Defect(
        "test_the_tool_has_everything_that_it_requires",
        "tiny 1.5 requires absent>=2, which is not installed.",
        builds.Lacking,
        at_first=True,
    ),
    Defect(
        "test_wheels_give_the_same_tool_as_commands",
        "tiny-1.5.dist-info/METADATA is left over",
        builds.OtherWheels,
    ),
    Defect("test_wheels_give_the_same_tool_as_commands", "they cannot be unpacked", builds.AbsentWheels),
    Defect("test_what_is_expected_is_installed", "extra is expected but not installed", builds.Expecting),
    Defect("test_what_is_expected_is_installed", "base is installed but not expected", builds.Expecting),
    Defect("test_an_unchanged_build_runs_nothing", "it is better so", builds.Fresh),
    Defect("test_a_release_that_is_added_is_installed", "extra: 2.0 != (nothing)", builds.Forgetful),
    Defect(
        "test_the_login_of_an_index_that_is_given_reaches_the_tool", "HTTP Error 401", builds.WithoutLogin
    ),
    Defect("test_a_release_that_is_gone_is_removed", "acme/__init__.py is left over", builds.Leaving),
    Defect("test_another_version_replaces_the_one_before", "acme: 1.1 != 1.0", builds.ByNames),
    Defect(
        "test_another_archive_replaces_the_one_before",
        "base/again.txt is missing",
        builds.WithoutArchives,
    ),
    Defect(
        "test_another_archive_than_the_locked_one_is_not_installed",
        "not the locked one",
        builds.Unchecked,
    ),
    Defect("test_updates_give_the_same_as_a_new_environment", "base/__init__.py differs", builds.Patching),
    Defect("test_another_python_recreates_the_environment", "acme/__init__.py", builds.OwnPython),
    Defect("test_the_build_after_a_stopped_one_succeeds", "extra: 2.0 != (nothing)", builds.Trusting),
    Defect("test_the_build_after_a_stopped_one_succeeds", "without asking", builds.Forgetful),
    Defect(
        "test_nothing_of_a_build_only_tool_is_available_at_launch",
        "venv/bin/tiny",
        builds.Wrapping,
        at_first=True,
    ),
    Defect("test_the_tool_works_at_launch_when_asked_for", "/proc/none", builds.Scratching),
    Defect(
        "test_the_tool_works_at_launch_when_asked_for",
        "launch: False → True",
        builds.OtherAtLaunch,
        at_first=True,
    ),
    Defect("test_a_build_needs_no_home", ".tiny", builds.Trusting),
    Defect("test_a_hostile_environment_makes_no_difference", "a wrong program was run", builds.ByPath),
    Defect("test_a_hostile_environment_makes_no_difference", "tiny.lock", builds.RelativeToWhereItStarts),
    Defect("test_reserved_variables_are_refused_by_name", "VIRTUAL_ENV", builds.ReservingActivation),
]
CHECKS = {
    name: check
    for name, check in inspect.getmembers(PackageManagerConformance, inspect.isfunction)
    if any(mark.name == "real" for mark in getattr(check, "pytestmark", ()))
}


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the wheel that the tool is, and the one of a version that lacks something."""
    place = tmp_path_factory.mktemp("wheelhouse")
    source = Path(tool.__file__).read_text()
    wheel("tiny", "1.0", entry_points={"tiny": "tiny:main"}, files={"tiny/__init__.py": source}).save(place)
    builds.requiring("absent>=2").save(place)
    return place


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return what gives the command that starts Layerwright where a planted plugin is installed."""
    site = tmp_path_factory.mktemp("site")
    metadata = site / "layerwright_tiny-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    here = str(Path(__file__).parents[2])
    return lambda manager: (sys.executable, "-c", PROGRAM, manager.__name__, str(site), here)


@pytest.fixture(scope="module")
def right(wheelhouse: Path, program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """Build once with the plugin that is right."""
    with PackageIndex(page_max_age=0) as index:
        yield Template(
            Tiny(), application, wheelhouse, tmp_path_factory.mktemp("right"), index, program(Tiny)
        )


@pytest.fixture
def wrong(
    defect: Defect, right: Template, wheelhouse: Path, program: Program, tmp_path: Path
) -> Iterator[Template]:
    """Return a build with the plugin that has *defect*, or the right one that it is to go on from."""
    if defect.at_first:
        with PackageIndex(page_max_age=0) as index:
            command = program(defect.manager)
            yield Template(defect.manager(), application, wheelhouse, tmp_path / "wrong", index, command)
    else:
        right.sandbox.program = program(defect.manager)
        yield right
        right.sandbox.program = program(Tiny)


def run(check: str, built: Built, tmp_path: Path) -> None:
    """Run the check of this name."""
    there = {"self": PackageManagerConformance(), "built": built, "tmp_path": tmp_path}
    CHECKS[check](**{name: there[name] for name in inspect.signature(CHECKS[check]).parameters})


@pytest.mark.parametrize("check", CHECKS)
def test_a_plugin_that_is_right_passes(check: str, right: Template, tmp_path: Path) -> None:
    run(check, right.restored(), tmp_path)


# What differs from one that locks: what decides, and how a change is made.
OF_RESOLUTIONS = (
    "test_a_first_build_installs_what_is_locked",
    "test_an_unchanged_build_runs_nothing",
    "test_a_release_that_is_gone_is_removed",
    "test_another_version_replaces_the_one_before",
    "test_another_archive_replaces_the_one_before",
)


@pytest.fixture(scope="module")
def resolving(
    wheelhouse: Path, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Template]:
    """Build once with a plugin that locks nothing, and resolves."""
    with PackageIndex(page_max_age=0) as index:
        root, command = tmp_path_factory.mktemp("resolving"), program(builds.Resolving)
        yield Template(builds.Resolving(), application, wheelhouse, root, index, command)


@pytest.mark.parametrize("check", OF_RESOLUTIONS)
def test_a_plugin_that_resolves_passes(check: str, resolving: Template, tmp_path: Path) -> None:
    run(check, resolving.restored(), tmp_path)


def test_a_resolution_that_keeps_another_archive_is_found(
    resolving: Template, program: Program, tmp_path: Path
) -> None:
    resolving.sandbox.program = program(builds.KeepingVersions)
    with pytest.raises(pytest.fail.Exception, match="base") as failure:
        run("test_another_archive_replaces_the_one_before", resolving.restored(), tmp_path)
    resolving.sandbox.program = program(builds.Resolving)
    assert "again.txt is missing" in str(failure.value)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.fails}-{defect.manager.__name__}")
def test_a_defect_fails_the_check_that_is_about_it(defect: Defect, wrong: Template, tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception) as failure:
        run(defect.fails, replace(wrong.restored(), manager=defect.manager()), tmp_path)

    for words in (defect.words, "Why it matters: ", "Instead: "):
        assert words in str(failure.value)


def test_every_check_has_a_defect_that_it_finds() -> None:
    assert {defect.fails for defect in DEFECTS} == CHECKS.keys()


def test_a_first_build_that_fails_is_reported_with_its_log(program: Program, tmp_path: Path) -> None:
    without_wheels = tmp_path / "empty"
    without_wheels.mkdir()

    with PackageIndex() as index, pytest.raises(pytest.fail.Exception) as failure:
        Template(Tiny(), application, without_wheels, tmp_path / "root", index, program(Tiny))

    assert "The first build of its application failed." in str(failure.value)
    assert "pip install tiny==1.0 (not hash-pinned) ended with status 1" in str(failure.value)


def test_nothing_is_tried_with_a_python_that_the_wheelhouse_has_no_wheels_for(
    right: Template, wheelhouse: Path, tmp_path: Path
) -> None:
    wheel_of_another = wheelhouse / "native-1.0-cp27-cp27m-any.whl"
    wheel_of_another.touch()

    with pytest.raises(pytest.skip.Exception, match="only one Python"):
        run("test_another_python_recreates_the_environment", right.restored(), tmp_path)

    wheel_of_another.unlink()


def test_where_nothing_is_expected_nothing_can_be_checked(right: Template, tmp_path: Path) -> None:
    built = replace(right.restored(), manager=builds.ExpectingNothing())
    with pytest.raises(pytest.skip.Exception, match="nothing is expected"):
        run("test_what_is_expected_is_installed", built, tmp_path)


def test_what_is_not_locked_may_be_any_archive(right: Template, tmp_path: Path) -> None:
    built = replace(right.restored(), manager=builds.Unlocked())
    with pytest.raises(pytest.skip.Exception, match="does not prove the result"):
        run("test_another_archive_than_the_locked_one_is_not_installed", built, tmp_path)


def test_where_nothing_is_reserved_nothing_can_be_refused(right: Template, tmp_path: Path) -> None:
    built = replace(right.restored(), manager=builds.ReservingNothing())
    with pytest.raises(pytest.skip.Exception, match="reserves no variable"):
        run("test_reserved_variables_are_refused_by_name", built, tmp_path)


def test_what_takes_no_indexes_needs_no_login(right: Template, tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="cannot take indexes"):
        run(
            "test_the_login_of_an_index_that_is_given_reaches_the_tool",
            replace(right.restored(), manager=RefusingIndexes()),
            tmp_path,
        )
