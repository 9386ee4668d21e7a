"""What buildpacks provide to each other and require of each other (Buildpack API, "Build Plan")."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from layerwright.cnb import toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["BuildPlan", "BuildpackPlan", "Require", "write_build_plan"]


class Require(NamedTuple):
    """A dependency by its name, with what the one who requires it says about it.

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
    """Write *plan* into the file at *path*, which the lifecycle made; its directory may be of no one to write to."""
    path.write_text(plan.toml(), encoding="utf-8")


class BuildpackPlan(NamedTuple):
    """What the build phase is asked for: of what the buildpack provides, all that is required, by whomever."""

    entries: tuple[Require, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the plan at *path*; no file, or an empty one, asks for nothing.

        ``SiteError``: it cannot be read or is damaged; it is named.
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
