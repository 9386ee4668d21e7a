"""The machine of the measurements: its interpreters, and the facts that a reader of the figures needs."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from layerwright import __version__
from layerwright.testing.machine import interpreters
from tests.fixtures.wheelhouse import PYTHONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["facts", "pythons", "words"]

_VERSIONS: Final = "import ensurepip, platform; print(platform.python_version(), ensurepip.version())"


def pythons() -> dict[str, Path]:
    """Return the interpreter to measure with, and another one to change to if there is one; the newest first."""
    usable = {minor: path for minor, path in interpreters().items() if minor in PYTHONS}
    return {minor: usable[minor] for minor in [*reversed(usable)][:2]}


def facts(chosen: Mapping[str, Path]) -> dict[str, Any]:
    """Return facts that affect the figures, with the versions of the *chosen* interpreters and their bundled pip."""
    probes = (subprocess.check_output([path, "-I", "-c", _VERSIONS], text=True) for path in chosen.values())
    versions = [probe.split() for probe in probes]
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "layerwright": __version__,
        "layerwright's Python": platform.python_version(),
        "pythons": [python for python, _ in versions],
        "bundled pips": [pip for _, pip in versions],
    }


def words(known: Mapping[str, Any]) -> str:
    """Return the most important facts in one line."""
    versions = " and ".join(known["pythons"])
    return f"Python {versions}, {known['processors']} processors, load {known['load']:.1f} at the start"
