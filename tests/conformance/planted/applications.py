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
