"""``layerwright plugins``: lists the installed plugins, what they provide, and their problems."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from layerwright.errors import LayerwrightError
from layerwright.plugins.api import api_number, declared_apis
from layerwright.plugins.declarative.manager import DeclaredPackageManager
from layerwright.plugins.entry_points import (
    CONCLUSIVE_GROUP,
    EVIDENCE_GROUP,
    FILE_GROUPS,
    NO_EVIDENCE,
    PLUGIN_GROUP,
    REFINES_GROUP,
    disabled_plugins,
    entry_points,
)
from layerwright.plugins.loading import DECLARATION, load_plugins

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from layerwright.output.log import Log
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.plugins.host import Plugins

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """List the plugins."""
    found, disabled = entry_points(), disabled_plugins(environment)
    plugins = load_plugins(found, disabled=disabled)
    distributions = sorted({(e.distribution, e.version) for e in found if e.group == PLUGIN_GROUP})
    rows = [
        _row([e for e in found if (e.distribution, e.version) == one], plugins, {*disabled})
        for one in distributions
    ]
    if arguments.json:
        log.json([row.as_json() for row in rows])
        return 0
    if rows:
        header = ("distribution", "version", "package managers", "claims", "problem")
        log.table(header, [row.cells for row in rows])
    else:
        log.line('No plugin is installed. Install the standard ones: pip install "layerwright[standard]"')
    for problem in (*plugins.disabled_without_effect, *_table_problem(plugins)):
        log.warning(problem)
    return 0


class _Row(NamedTuple):
    distribution: str
    version: str
    api: list[int]
    package_managers: list[str]
    hooks: list[str]
    kind: str | None
    declaration: str | None
    conclusive: list[str]
    evidence: list[str]
    refines: list[str]
    problem: str | None
    disabled: bool

    @property
    def cells(self) -> tuple[str, ...]:
        problem, *more = ("disabled" if self.disabled else self.problem or "").split("\n")
        if more and self.declaration is not None:
            problem += f" (and {len(more)} more: layerwright plugins check {shlex.quote(self.declaration)})"
        managers = ", ".join(self.package_managers)
        return self.distribution, self.version, managers, self.claims, problem

    @property
    def claims(self) -> str:
        """The files with which the plugin claims applications, and the worth of each claim."""
        files = [*(f"{file} (conclusive)" for file in self.conclusive), *self.evidence]
        return "; ".join(filter(None, [", ".join(files), *(f"refines {name}" for name in self.refines)]))

    def as_json(self) -> dict[str, object]:
        return {name.replace("_", "-"): value for name, value in self._asdict().items()}


def _row(own: Sequence[EntryPoint], plugins: Plugins, disabled: set[str]) -> _Row:
    """Return the facts about one distribution, whose entry points are *own*."""
    distribution, version = own[0].distribution, own[0].version
    entries = [e for e in own if e.group == PLUGIN_GROUP]
    loaded = [e for e in plugins.entry_points if e.distribution == distribution]
    hooks = {hook for e in loaded for hook in plugins.hooks(e)}
    declarations = [str(file) for e in loaded for file in _declarations(e)]
    return _Row(
        distribution=distribution,
        version=version,
        api=sorted({api_number(n) for e in entries for n in declared_apis(e, own)} - {0}),
        package_managers=sorted(
            name for name in plugins.package_managers if plugins.provider(name).distribution == distribution
        ),
        hooks=sorted(hooks),
        kind=" and ".join(["declarative"] * bool(declarations) + ["programmed"] * bool(hooks)) or None,
        declaration=next(iter(declarations), None),
        conclusive=_names(own, CONCLUSIVE_GROUP),
        evidence=[name for name in _names(own, EVIDENCE_GROUP) if name != NO_EVIDENCE],
        refines=_names(own, REFINES_GROUP),
        problem=next(_problems(own, plugins), None),
        disabled=all({e.name, distribution} & disabled for e in entries),
    )


def _names(own: Sequence[EntryPoint], *groups: str) -> list[str]:
    return sorted({e.name for e in own if e.group in groups})


def _table_problem(plugins: Plugins) -> tuple[str, ...]:
    """Return the problem with the plugins' tables in the configuration, if there is one."""
    try:
        _ = plugins.tables
    except LayerwrightError as error:
        return (f"{error.summary}\n{error.cause}",)
    return ()


def _problems(own: Sequence[EntryPoint], plugins: Plugins) -> Iterator[str]:
    """Return the problems of the distribution with the entry points *own*; the reason for a failed load comes first."""
    distribution = own[0].distribution
    yield from (b.reason for b in plugins.broken if b.entry_point.distribution == distribution)
    for entry_point in (e for e in plugins.entry_points if e.distribution == distribution):
        if not plugins.hooks(entry_point) and not _declarations(entry_point):
            yield f"{entry_point.module} has no hook implementation: is @hookimpl missing?"
    for name, manager in plugins.package_managers.items():
        provider = plugins.provider(name)
        if provider.distribution != distribution or not isinstance(manager, DeclaredPackageManager):
            continue
        yield from _unlike(manager, [e for e in own if e.module == provider.module])


def _unlike(manager: DeclaredPackageManager, own: Sequence[EntryPoint]) -> Iterator[str]:
    """Yield the differences between the entry points of a plugin, *own*, and its declaration."""
    detect = manager.declaration.detect
    conclusive, files = _names(own, CONCLUSIVE_GROUP), _names(own, *FILE_GROUPS)
    unpublished = [file for file in manager.looks_for if files and file not in files]
    if unpublished:
        yield f"In detect, but not published as evidence: {', '.join(unpublished)}."
    wrong = [file for file in detect.evidence if file in conclusive and file not in detect.files]
    if wrong:
        yield f"Published as conclusive, but not in detect.files: {', '.join(wrong)}."
    refines = set(detect.refines) ^ set(_names(own, REFINES_GROUP))
    if refines:
        yield f"Not both published in {REFINES_GROUP} and in detect.refines: {', '.join(sorted(refines))}."


def _declarations(entry_point: EntryPoint) -> list[Path]:
    """Return the files of a loaded plugin that declare package managers."""
    places = getattr(sys.modules[entry_point.module], "__path__", ())
    return [file for place in places if (file := Path(place, DECLARATION)).exists()]
