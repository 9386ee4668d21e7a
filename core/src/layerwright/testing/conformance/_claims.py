"""Checks of what a plugin publishes, and of which applications it claims."""

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
    """What is known of a plugin before it is imported, and which applications are its own."""

    def test_its_entry_point_has_its_name(self, subject: Subject) -> None:
        """The entry point, by which core finds it, is called as the package manager is."""
        _published(subject)
        if subject.given != subject.manager.name:
            fail(
                f'The entry point "{subject.given}" provides a package manager "{subject.manager.name}".',
                why="Core imports the plugin whose entry point has the name that an application configures.",
                instead="give the entry point in the group layerwright and PackageManager.name one name.",
            )

    def test_its_api_is_declared(self, subject: Subject) -> None:
        """The distribution says which version of the plugin API it is written for."""
        declared = sorted(e.name for e in _published(subject) if e.group == API_GROUP)
        if declared != [_API]:
            fail(
                f"The distribution does not say that it is written for API {_API}.",
                why="A Layerwright of another API can then say so, instead of failing in the middle of a build.",
                instead=f'add an entry point named {_API}: [project.entry-points."{API_GROUP}"] {_API} = "…"',
                shown=[f"declared: {', '.join(declared) or 'nothing'}"],
            )

    def test_its_evidence_is_published(self, subject: Subject) -> None:
        """The file by which it claims its application, and each that it declares, is in its metadata."""
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
                why="Core imports only plugins that an application has a published file of, so it never asks this one.",
                instead=f'publish each file: [project.entry-points."{CONCLUSIVE_GROUP}"] "{missing[0]}" = "…"',
                shown=[f"published: {', '.join(published) or 'nothing'}"],
            )

    def test_it_claims_its_own_application_by_a_file_that_exists(self, subject: Subject) -> None:
        """The evidence is a file of the application, named relative to it."""
        if not claim_to(subject, subject.app):
            fail(
                "It does not claim the application that its own test writes.",
                why="Without a claim, it is used only where the configuration names it.",
                instead="publish a file that it has, and return Detection(evidence=…) from detect.",
                shown=[f"the application has: {', '.join(subject.app.snapshot())}"],
            )
        evidence = _claim(subject, subject.app)
        place = PurePosixPath(evidence)
        if not evidence:
            # It has a conclusive file, and another check says that it is denied.
            return
        if place.is_absolute() or ".." in place.parts or not (subject.app.path / evidence).is_file():
            fail(
                f"Its evidence, {evidence}, is no file of the application.",
                why="The log and every message name it, so that a user can look at it.",
                instead="return the name of a file that exists, relative to the application directory.",
            )

    def test_it_claims_nobody_elses_application(self, subject: Subject, tmp_path: Path) -> None:
        """Applications of other package managers, an empty directory and the settings of a linter are left alone."""
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
                why="Two package managers that claim one application are an error, which its user then has to settle.",
                instead="return None from detect, unless a file or a table is there that is this one's alone.",
                shown=wrong,
            )

    def test_a_conclusive_file_is_never_denied(self, subject: Subject, tmp_path: Path) -> None:
        """Where it is asked after all, it claims what has a file that it publishes as conclusive."""
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
                "It publishes files as conclusive, and does not claim an application that has one.",
                why="Such a file decides alone: a build takes this package manager, and does not ask it.",
                instead=f'publish the file in [project.entry-points."{EVIDENCE_GROUP}"]: then detect decides.',
                shown=denied,
            )


def _published(subject: Subject) -> list[EntryPoint]:
    if not subject.entry_points:
        pytest.skip("the package manager is given itself, and not by the name of its entry point")
    groups = (PLUGIN_GROUP, *FILE_GROUPS, REFINES_GROUP, API_GROUP)
    return [e for e in subject.entry_points if e.group in groups]


def _claim(subject: Subject, app: Application) -> str:
    found = subject.detect(app)
    return found.evidence if found else ""
