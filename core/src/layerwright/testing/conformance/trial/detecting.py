"""The real detect phase, with the plugin under test, and perhaps another one that has a conclusive file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.detect import detect
from layerwright.config.sources import read_sources
from layerwright.contract.hooks import hookimpl
from layerwright.errors import UserError
from layerwright.files.project import Project
from layerwright.plugins.entry_points import CONCLUSIVE_GROUP, PLUGIN_GROUP, EntryPoint
from layerwright.testing.conformance.trial.verdict import told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.contract.package_manager import PackageManager
    from layerwright.testing.applications import Application
    from layerwright.testing.conformance.trial.subject import Subject

__all__ = ["claim_to"]

_OTHER: Final = EntryPoint(PLUGIN_GROUP, "another", "another", "layerwright-another", "1.0", object())


class _Given(NamedTuple):
    """A plugin with an existing package manager object."""

    manager: PackageManager

    @hookimpl
    def layerwright_package_managers(self) -> Iterable[PackageManager]:
        return (self.manager,)


def claim_to(subject: Subject, app: Application, *, beside: str = "") -> str:
    """Return why a build of *app* would use the package manager, or would fail; empty if it would do neither.

    The only other plugin is one to which the file *beside* is conclusive, if *beside* is not empty.
    """
    project, plugin = Project(app.path), _Given(subject.manager)
    module = type(subject.manager).__module__
    itself = EntryPoint(PLUGIN_GROUP, subject.manager.name, module, "layerwright-itself", "1.0", plugin)
    known = [
        e._replace(plugin=plugin) if (e.group, e.name) == (PLUGIN_GROUP, subject.given) else e
        for e in subject.entry_points or (itself,)
    ]
    if beside:
        known += [_OTHER, _OTHER._replace(group=CONCLUSIVE_GROUP, name=beside)]
    with told():
        try:
            chosen = detect(project, read_sources(project, {}), known)
        except UserError as error:
            return (error.cause or error.summary).replace("\n", ", ")
    return chosen.reason if chosen is not None and chosen.name != _OTHER.name else ""
