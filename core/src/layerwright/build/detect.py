"""The detect phase: chooses the package manager, with the evidence for it.

Plugins publish, as entry points, the files that show that an application is their own. A conclusive one decides
without importing any plugin. For other files the plugin is asked, but only if such a file exists and none is
conclusive. If several plugins have a conclusive file, they are asked: one may answer that its file is a fallback. Two
plugins of one name, and a plugin for another plugin API, are recognised without importing either.

Whether a file is conclusive is metadata, because asking imports a plugin and its dependencies, which takes more than
the budget of the command. So are refinements, which may override a conclusive claim. Fallbacks are not: they may
depend on the content of the file, and are asked for only if nothing else decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.errors import UserError
from layerwright.plugins.api import refusal
from layerwright.plugins.claims import Claim, Worth, present, published, strongest
from layerwright.plugins.entry_points import (
    EVIDENCE_GROUP,
    NO_EVIDENCE,
    PLUGIN_GROUP,
    disabled_tables,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from layerwright.config.reading import Configuration
    from layerwright.config.sources import Sources
    from layerwright.files.project import Project
    from layerwright.plugins.claims import Published
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.plugins.host import Plugins
    from layerwright.plugins.loading import Loader

__all__ = ["Detected", "detect"]

# The keys of every package manager's table (config.ToolSettings): none of them selects the files to look for.
_COMMON_SETTINGS = frozenset({"version", "launch", "stand-in"})


class Detected(NamedTuple):
    """The package manager to use, and the reason: a file, or the configuration that names it."""

    name: str
    reason: str


def detect(
    project: Project,
    sources: Sources,
    entry_points: Sequence[EntryPoint],
    disabled: Iterable[str] = (),
    loader: Loader | None = None,
) -> Detected | None:
    """Return the package manager for *project*: the configured one, or the one with the strongest claim, or ``None``.

    Among claims of equal worth, a preference from outside the application decides. Plugins that must be asked come
    from *loader*, so that a build does not load them again. ``UserError``: several claims are left, or the configured
    package manager is not installed. ``PluginError``: its plugin is broken, or another plugin has its name.
    """
    off = {*disabled}
    sources = sources.without(disabled_tables(entry_points, off))
    usable = [e for e in entry_points if not {e.name, e.distribution} & off]
    without = {e.module for e in usable if e.group == EVIDENCE_GROUP and e.name == NO_EVIDENCE}
    provided = [e for e in usable if e.group == PLUGIN_GROUP and e.module not in without]
    configured = sources.package_manager
    if configured is not None:
        name, origin = configured
        if _named(name, provided, usable):
            return Detected(name, f"{origin} names it")
        switched_off = any(
            e.group == PLUGIN_GROUP and e.name == name for e in entry_points if e not in usable
        )
        modules = {e.module for e in usable} - without
        return _configured(name, origin, modules, loader or _loader(entry_points, off), switched_off)
    return _claimed(project, sources, provided, usable, loader)


def _named(name: str, provided: Sequence[EntryPoint], usable: Sequence[EntryPoint]) -> bool:
    """Return whether there is a plugin *name*; ``PluginError``: it is refused, or there are several."""
    named = [e for e in provided if e.name == name]
    if len(named) > 1:
        from layerwright.plugins.blame import conflict

        raise conflict(f'"{name}"', named)
    # A loaded plugin is of this Layerwright: for example a table of the configuration.
    refused = refusal(named[0], usable) if named and named[0].plugin is None else None
    if refused is not None:
        raise refused
    return bool(named)


def _claimed(
    project: Project,
    sources: Sources,
    provided: Sequence[EntryPoint],
    usable: Sequence[EntryPoint],
    loader: Loader | None,
) -> Detected | None:
    claims: dict[str, Claim] = {}
    candidates: dict[str, Published] = {}
    by_file: dict[str, Published] = {}
    configured: set[str] = set()
    first: set[str] = set()
    for plugin in published(provided, usable):
        there = present(project, plugin.files)
        conclusive = [file for file in plugin.conclusive if file in there]
        if any(sources.keys_in(name) - _COMMON_SETTINGS for name in plugin.names):
            # Its settings may name other files.
            configured.add(plugin.module)
            first.add(plugin.module)
        elif conclusive and len(plugin.names) == 1:
            [name] = plugin.names
            _named(name, provided, usable)
            claims[name] = Claim(name, conclusive[0], Worth.CONCLUSIVE, plugin.label, plugin.refines)
            by_file[name] = plugin
            continue
        elif conclusive:
            first.add(plugin.module)
        if there or not plugin.files or plugin.module in configured:
            candidates[plugin.module] = plugin
    ask = first
    while True:
        asked = [candidates.pop(module) for module in sorted(ask)]
        if asked:
            loader = loader or _loader(usable)
            answers = _asked(project, sources, usable, loader, asked, configured)
            claims |= {claim.name: claim for claim in answers}
        ask = {*candidates}
        if any(claim.worth is Worth.CONCLUSIVE for claim in claims.values()):
            # Only a plugin that refines it can take precedence.
            ask = {module for module, plugin in candidates.items() if plugin.refines & claims.keys()}
        if ask:
            continue
        best = strongest(tuple(claims.values()))
        if len(best) == 1 or not by_file:
            return _chosen(sources, best)
        # A plugin that reads its file may know that it was exported from the lock file of another. None may deny it.
        candidates |= {plugin.module: plugin for plugin in by_file.values()}
        ask = {plugin.module for plugin in by_file.values()}
        by_file.clear()


def _chosen(sources: Sources, claims: Sequence[Claim]) -> Detected | None:
    """Return the one of *claims* of equal worth that decides; ``UserError``: several are left."""
    given = sources.given_package_manager
    for claim in claims:
        if len(claims) > 1 and given is not None and claim.name == given[0]:
            return Detected(claim.name, f"{claim.words}, and {given[1]} prefers it")
    if len(claims) > 1:
        raise _several(claims)
    return next((Detected(claim.name, claim.words) for claim in claims), None)


def _asked(
    project: Project,
    sources: Sources,
    usable: Sequence[EntryPoint],
    loader: Loader,
    asked: Sequence[Published],
    configured: Collection[str],
) -> list[Claim]:
    """Ask each plugin in *asked* for its claim; those in *configured* have settings of their own."""
    from layerwright.contract.values.project import Detection, ProjectRequest
    from layerwright.plugins.blame import blaming
    from layerwright.plugins.wrong_types import checked_parts

    modules = {plugin.module: plugin for plugin in asked}
    plugins, configuration = _loaded(sources, usable, loader, modules)
    claims: list[Claim] = []
    for name, manager in plugins.package_managers.items():
        provider = plugins.provider(name)
        plugin = modules.get(provider.module)
        if plugin is None:
            continue
        with blaming(provider.label, "detect"):
            returned = manager.detect(ProjectRequest(project=project, settings=configuration.tool(name)))
        if returned is None:
            continue
        detection = checked_parts(returned, Detection, provider.label, "detect")
        file = detection.evidence
        # A file that is not published is one that the application's own settings name.
        certain = file in plugin.conclusive or (plugin.module in configured and file not in plugin.files)
        worth = Worth.CONCLUSIVE if certain else Worth.ORDINARY
        worth = Worth.FALLBACK if detection.fallback else worth
        claims.append(Claim(name, file, worth, provider.label, plugin.refines))
    return claims


def _loaded(
    sources: Sources, usable: Sequence[EntryPoint], loader: Loader, candidates: Collection[str]
) -> tuple[Plugins, Configuration]:
    """Load the *candidates*, and the plugins whose tables must be read with theirs."""
    from contextlib import suppress

    from layerwright.config.reading import configure
    from layerwright.errors import ConfigurationError

    wanted = [e for e in usable if e.module in candidates or sources.keys_in(e.name)]
    plugins = loader.plugins(modules={e.module for e in wanted})
    for broken in plugins.broken:
        if broken.entry_point.module in candidates:
            raise broken.error
    with suppress(ConfigurationError):
        return plugins, configure(sources, plugins.tables)
    # The message lists the existing ones; or the table is that of a package manager whose name differs from its
    # plugin's.
    plugins = loader.plugins(modules={e.module for e in usable})
    plugins.refuse_broken({e.name for e in wanted} | {key[0] for key in sources.keys})
    return plugins, configure(sources, plugins.tables)


def _loader(entry_points: Sequence[EntryPoint], disabled: Collection[str] = ()) -> Loader:
    from layerwright.plugins.loading import Loader

    return Loader(entry_points, disabled=disabled)


def _several(claims: Sequence[Claim]) -> UserError:
    return UserError(
        "More than one package manager claims this application.",
        cause="\n".join(f"{claim.name}: {claim.evidence} exists ({claim.label})" for claim in claims),
        remedy=(
            "Choose one, in [tool.layerwright] of pyproject.toml or at the top of layerwright.toml: "
            + " or ".join(f'package-manager = "{claim.name}"' for claim in claims),
            "Or remove the file that is not used.",
        ),
        reference="several-package-managers",
    )


def _configured(
    name: str, origin: str, modules: Collection[str], loader: Loader, switched_off: bool
) -> Detected:
    """Find the package manager *name* among the plugins in *modules*, whose entry point has another name."""
    plugins = loader.plugins(modules=modules)
    if name in plugins.package_managers:
        return Detected(name, f"{origin} names it")
    if plugins.broken and not switched_off:
        # Any of them could provide it.
        raise plugins.broken[0].error
    there = ", ".join(sorted(plugins.package_managers)) or "none"
    raise UserError(
        f'The package manager "{name}" is {"disabled" if switched_off else "not installed"}.',
        cause=f"{origin} names it. Installed package managers: {there}.",
        remedy=(
            "Remove it from LAYERWRIGHT_DISABLE_PLUGINS."
            if switched_off
            else f"Correct {origin}, or install the plugin that provides it (layerwright-{name}, by convention)."
        ),
        reference="unknown-package-manager",
    )
