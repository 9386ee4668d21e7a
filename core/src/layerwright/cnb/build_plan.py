"""The build plan: what buildpacks provide to and require of each other (Buildpack API, "Build Plan")."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from layerwright.cnb import toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["BuildPlan", "BuildpackPlan", "Require", "write_build_plan"]


class Require(NamedTuple):
    """A required dependency: its name, and metadata from the buildpack that requires it.

    A version goes into ``metadata``; the lifecycle refuses one next to the name.
    """

    name: str
    metadata: Mapping[str, Any] = MappingProxyType({})

    def _table(self) -> dict[str, Any]:
        return {"name": self.name, "metadata": dict(self.metadata)} if self.metadata else {"name": self.name}


class BuildPlan(NamedTuple):
    """What the detect phase says that the buildpack provides, and what it requires."""

    provides: tuple[str, ...] = ()
    requires: tuple[Require, ...] = ()

    def toml(self) -> str:
        """Return the plan as the text of the file at ``CNB_BUILD_PLAN_PATH``.

        ``ValueError``: a dependency has no name.
        """
        if not all((*self.provides, *(require.name for require in self.requires))):
            raise ValueError("a dependency of the build plan has no name")
        tables = {
            "provides": [{"name": name} for name in self.provides],
            "requires": [require._table() for require in self.requires],
        }
        return toml.dumps({key: rows for key, rows in tables.items() if rows})


def write_build_plan(path: Path, plan: BuildPlan) -> None:
    """Write *plan* to the file at *path*, which the lifecycle has created; its directory may be read-only."""
    path.write_text(plan.toml(), encoding="utf-8")


class BuildpackPlan(NamedTuple):
    """The input of the build phase: everything that this buildpack provides and some buildpack requires."""

    entries: tuple[Require, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the plan at *path*; a missing or empty file requires nothing.

        ``SiteError``: the file cannot be read or is damaged; the message names it.
        """
        try:
            entries = (toml.read(path) or {}).get("entries", [])
            if not isinstance(entries, list):
                raise TypeError("Its entries are not a list.")
            return cls(tuple(map(_entry, entries)))
        except (OSError, TypeError, ValueError) as error:
            from layerwright.errors import SiteError

            raise SiteError(
                f"The buildpack plan {path} cannot be read.",
                cause=f"{error}",
                remedy="The platform's lifecycle wrote it: report this to the operators of the platform.",
                reference="buildpack-plan",
            ) from error


def _entry(table: object) -> Require:
    if not isinstance(table, dict):
        raise TypeError("An entry is not a table.")
    name, metadata = table.get("name"), table.get("metadata", {})
    if not isinstance(name, str) or not name:
        raise ValueError("An entry has no name.")
    if not isinstance(metadata, dict):
        raise TypeError(f"The metadata of the entry {name} is not a table.")
    return Require(name, metadata)
