"""Finds the entry points of installed plugins without importing anything.

``importlib.metadata`` costs several times the start of an interpreter; reading the same files by hand does not.
Format: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["EVIDENCE_GROUP", "PLUGIN_GROUP", "EntryPoint", "disabled_plugins", "entry_points"]

PLUGIN_GROUP = "layerwright"
EVIDENCE_GROUP = "layerwright.evidence"


class EntryPoint(NamedTuple):
    """One line of a distribution's ``entry_points.txt``, in a group of ours."""

    group: str
    name: str
    module: str
    distribution: str
    version: str

    @property
    def label(self) -> str:
        """The distribution and its version, as messages name them."""
        return f"{self.distribution} {self.version}"


def entry_points(path: Iterable[str] | None = None) -> tuple[EntryPoint, ...]:
    """Return the entry points of our groups of every distribution on *path* (default: ``sys.path``).

    As with imports, the first of several distributions with one name is the one that counts.
    """
    seen: set[str] = set()
    found: list[EntryPoint] = []
    for directory in sys.path if path is None else path:
        for distribution, version, file in _metadata_directories(directory or "."):
            if distribution.lower() not in seen:
                seen.add(distribution.lower())
                found.extend(_read(file, distribution, version))
    return tuple(sorted(found))


def disabled_plugins(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the plugins that ``LAYERWRIGHT_DISABLE_PLUGINS`` names, separated by commas or spaces."""
    return tuple(environment.get("LAYERWRIGHT_DISABLE_PLUGINS", "").replace(",", " ").split())


def _metadata_directories(directory: str) -> Iterator[tuple[str, str, str]]:
    try:
        with os.scandir(directory) as entries:
            names = sorted(e.name for e in entries if e.name.endswith(".dist-info"))
    except OSError:
        # A zip file, or a directory that does not exist: both are common on sys.path.
        return
    for name in names:
        distribution, _, version = name.removesuffix(".dist-info").partition("-")
        yield distribution.replace("_", "-"), version, f"{directory}/{name}/entry_points.txt"


def _read(file: str, distribution: str, version: str) -> Iterator[EntryPoint]:
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123  # pathlib is not imported this early
            text = lines.read()
    except OSError:
        return
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[] ")
        elif group in (PLUGIN_GROUP, EVIDENCE_GROUP) and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            module = value.split(":")[0].split("[")[0].strip()
            yield EntryPoint(group, name.strip(), module, distribution, version)
