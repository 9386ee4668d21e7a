"""``layerwright plugins``: what is installed, what it provides, and what could not be loaded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from layerwright.entry_points import PLUGIN_GROUP, disabled_plugins, entry_points
from layerwright.plugins import load_plugins

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """List the plugins."""
    rows = _rows(environment)
    if arguments.json:
        log.line(json.dumps([row.as_json() for row in rows], indent=2, ensure_ascii=False))
    elif not rows:
        log.line("No plugin is installed. Install one, for example: pip install layerwright-pip")
    else:
        log.table(
            ("distribution", "version", "package managers", "problem"),
            [(r.distribution, r.version, ", ".join(r.package_managers), r.problem or "") for r in rows],
        )
    return 0


class _Row(NamedTuple):
    distribution: str
    version: str
    package_managers: list[str]
    problem: str | None

    def as_json(self) -> dict[str, object]:
        return {name.replace("_", "-"): value for name, value in self._asdict().items()}


def _rows(environment: Mapping[str, str]) -> list[_Row]:
    found = [e for e in entry_points() if e.group == PLUGIN_GROUP]
    plugins = load_plugins(found, disabled=disabled_plugins(environment))
    provided: dict[str, list[str]] = {}
    for name in plugins.package_managers:
        provided.setdefault(plugins.provider(name).distribution, []).append(name)
    problems = {b.entry_point.distribution: b.reason for b in plugins.broken}
    return [
        _Row(distribution, version, sorted(provided.get(distribution, [])), problems.get(distribution))
        for distribution, version in sorted({(e.distribution, e.version) for e in found})
    ]
