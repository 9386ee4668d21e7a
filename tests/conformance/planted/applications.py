"""Applications of the planted plugins."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from tests.conformance.planted.tiny import LOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.testing import Application, Release


def application(app: Application, releases: Sequence[Release], index: str) -> None:
    """Write an application of Tiny's."""
    app.write(LOCK, json.dumps([asdict(release) for release in releases]))


def with_constraints(app: Application, releases: Sequence[Release], index: str) -> None:
    """Write the same, with a file that a setting can name."""
    application(app, releases, index)
    app.write("constraints.txt", "")


def report(releases: Sequence[Release], index: str) -> str:
    """Return what the tool reports of *releases* that it resolves."""
    return json.dumps([asdict(release) for release in releases])
