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

__all__ = [
    "API_GROUP",
    "CONCLUSIVE_GROUP",
    "EVIDENCE_GROUP",
    "FILE_GROUPS",
    "NO_EVIDENCE",
    "PLUGIN_GROUP",
    "REFINES_GROUP",
    "EntryPoint",
    "disabled_plugins",
    "disabled_tables",
    "disabled_without_effect",
    "entry_points",
]

PLUGIN_GROUP = "layerwright"
"""The name of an entry point is the plugin's name, and its value is the plugin's module."""
CONCLUSIVE_GROUP = "layerwright.conclusive"
"""The name of an entry point is a file that claims an application without asking the plugin."""
EVIDENCE_GROUP = "layerwright.evidence"
"""The name of an entry point is a file, or a pattern such as ``*.py``: if it exists, the plugin is asked."""
FILE_GROUPS = (CONCLUSIVE_GROUP, EVIDENCE_GROUP)
"""The groups whose entry points are named after files."""
NO_EVIDENCE = "none"
"""Published as the only file of a plugin without package managers, so that it is not imported to ask for one."""
REFINES_GROUP = "layerwright.refines"
"""The name of an entry point is a package manager over which the plugin takes precedence if both claim."""
API_GROUP = "layerwright.api"
"""The name of an entry point is the number of a plugin API that the plugin supports."""
_GROUPS = frozenset({PLUGIN_GROUP, *FILE_GROUPS, REFINES_GROUP, API_GROUP})


class EntryPoint(NamedTuple):
    """One line of a distribution's ``entry_points.txt``, in one of our groups; ``plugin`` is set if it is loaded."""

    group: str
    name: str
    module: str
    distribution: str
    version: str
    plugin: object = None

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


def disabled_tables(entry_points: Iterable[EntryPoint], disabled: Iterable[str]) -> frozenset[str]:
    """Return the names of the tables that *disabled* plugins may have: they are not imported to ask."""
    off = {*disabled}
    return frozenset(
        off | {e.name for e in entry_points if e.group == PLUGIN_GROUP and e.distribution in off}
    )


def disabled_without_effect(entry_points: Iterable[EntryPoint], disabled: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each name in *disabled* that is neither a plugin nor a plugin's distribution."""
    known = {name for e in entry_points if e.group == PLUGIN_GROUP for name in (e.name, e.distribution)}
    return tuple(
        f"LAYERWRIGHT_DISABLE_PLUGINS names {name}, which is not installed."
        for name in disabled
        if name not in known
    )


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
        elif group in _GROUPS and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            module = value.split(":")[0].split("[")[0].strip()
            yield EntryPoint(group, name.strip(), module, distribution, version)
