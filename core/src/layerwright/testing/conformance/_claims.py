"""Checks of the metadata that a plugin publishes, and of the applications that it claims."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.plugins.api import PLUGIN_API
from layerwright.plugins.claims import is_pattern
from layerwright.plugins.declarative.manager import DeclaredPackageManager
from layerwright.plugins.entry_points import (
    API_GROUP,
    CONCLUSIVE_GROUP,
    EVIDENCE_GROUP,
    FILE_GROUPS,
    PLUGIN_GROUP,
    REFINES_GROUP,
)
from layerwright.testing.applications import Application
from layerwright.testing.conformance.trial.detecting import claim_to
from layerwright.testing.conformance.trial.samples import INCONCLUSIVE, LINTER, SAMPLES
from layerwright.testing.conformance.trial.verdict import fail

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.testing.conformance.trial.subject import Subject

__all__ = ["ClaimChecks"]

_API: Final = str(PLUGIN_API)


class ClaimChecks:
    """The plugin's metadata identifies it before it is imported, and it claims only its own applications."""

    def test_its_entry_point_has_its_name(self, subject: Subject) -> None:
        """The entry point has the same name as the package manager."""
        _published(subject)
        if subject.given != subject.manager.name:
            fail(
                f'The entry point "{subject.given}" provides a package manager "{subject.manager.name}".',
                why="Core imports the plugin whose entry point has the name that an application configures.",
                instead="use the same name for PackageManager.name and for the entry point in the group layerwright.",
            )

    def test_its_api_is_declared(self, subject: Subject) -> None:
        """The distribution declares the version of the plugin API that it is written for."""
        declared = sorted(e.name for e in _published(subject) if e.group == API_GROUP)
        if declared != [_API]:
            fail(
                f"The distribution does not declare that it is written for API {_API}.",
                why="A Layerwright with another API can then say so, instead of failing in the middle of a build.",
                instead=f'add an entry point named {_API}: [project.entry-points."{API_GROUP}"] {_API} = "…"',
                shown=[f"declared: {', '.join(declared) or 'nothing'}"],
            )

    def test_its_evidence_is_published(self, subject: Subject) -> None:
        """The metadata contains the file by which it claims its application, and each file that it declares."""
        published = sorted(e.name for e in _published(subject) if e.group in FILE_GROUPS)
        manager = subject.manager
        declared = manager.looks_for if isinstance(manager, DeclaredPackageManager) else ()
        claimed = dict.fromkeys([_claim(subject, subject.app), *declared])
        patterns = [name for name in published if is_pattern(name)]
        missing = [
            file or "nothing"
            for file in claimed
            if file not in published and not any(fnmatchcase(file, pattern) for pattern in patterns)
        ]
        if missing:
            fail(
                f"It claims applications by {' and by '.join(missing)}, which is not in its metadata.",
                why="Core asks a plugin only if the application has a file that it publishes, so never this one.",
                instead=f'publish each file: [project.entry-points."{CONCLUSIVE_GROUP}"] "{missing[0]}" = "…"',
                shown=[f"published: {', '.join(published) or 'nothing'}"],
            )

    def test_it_claims_its_own_application_by_a_file_that_exists(self, subject: Subject) -> None:
        """The evidence is a file of the application, with a path relative to the application directory."""
        if not claim_to(subject, subject.app):
            fail(
                "It does not claim the application that its test writes.",
                why="Without a claim, it is used only if the configuration names it.",
                instead="publish a file of that application, and return Detection(evidence=…) from detect.",
                shown=[f"the application has: {', '.join(subject.app.snapshot())}"],
            )
        evidence = _claim(subject, subject.app)
        place = PurePosixPath(evidence)
        if not evidence:
            # It has a conclusive file, and another check reports that detect does not claim it.
            return
        if place.is_absolute() or ".." in place.parts or not (subject.app.path / evidence).is_file():
            fail(
                f"Its evidence, {evidence}, is not a file of the application.",
                why="The log and the messages name it, and a user may open it.",
                instead="return the name of a file that exists, relative to the application directory.",
            )

    def test_it_claims_no_other_application(self, subject: Subject, tmp_path: Path) -> None:
        """It does not claim applications of other package managers, an empty directory or a linter's settings."""
        own = {e.name for e in subject.entry_points if e.group in FILE_GROUPS}
        own.add(_claim(subject, subject.app))
        samples = {"nothing": {}, "[tool.ruff] alone in pyproject.toml": LINTER, **SAMPLES}
        wrong = []
        for number, (shown_by, files) in enumerate(samples.items()):
            app = Application(tmp_path / str(number))
            app.path.mkdir()
            for name, text in files.items():
                app.write(name, text)
            beside = shown_by if shown_by in SAMPLES.keys() - INCONCLUSIVE else ""
            why = "" if shown_by in own else claim_to(subject, app, beside=beside)
            if why:
                wrong.append(f"an application with {shown_by}: {why}")
        if wrong:
            fail(
                "It claims applications that are not its own.",
                why="If two package managers claim one application, the build fails, and the user has to choose one.",
                instead="return None from detect, unless there is a file or a table that only this one uses.",
                shown=wrong,
            )

    def test_a_conclusive_file_is_never_denied(self, subject: Subject, tmp_path: Path) -> None:
        """If core asks, it claims an application that has a file that it publishes as conclusive."""
        there = subject.app.snapshot()
        denied = []
        for number, file in enumerate(e.name for e in _published(subject) if e.group == CONCLUSIVE_GROUP):
            app = Application(tmp_path / str(number))
            app.path.mkdir()
            app.write(file, subject.app.path.joinpath(file).read_bytes() if file in there else "")
            found = subject.detect(app)
            if found is None or found.fallback:
                denied.append(
                    f"an application with {file}: {'not claimed' if found is None else 'a fallback'}"
                )
        if denied:
            fail(
                "It publishes files as conclusive, but does not claim an application that has one.",
                why="A conclusive file decides by itself: a build uses this package manager without calling detect.",
                instead=f'publish the file in [project.entry-points."{EVIDENCE_GROUP}"], so that detect decides.',
                shown=denied,
            )


def _published(subject: Subject) -> list[EntryPoint]:
    if not subject.entry_points:
        pytest.skip("package_manager is an object, and not the name of an entry point")
    groups = (PLUGIN_GROUP, *FILE_GROUPS, REFINES_GROUP, API_GROUP)
    return [e for e in subject.entry_points if e.group in groups]


def _claim(subject: Subject, app: Application) -> str:
    found = subject.detect(app)
    return found.evidence if found else ""
