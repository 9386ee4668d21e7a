"""The detect phase: which package manager, if any, and on what evidence.

A plugin that publishes, as entry points, which files show that an application is its own is imported only once one
of those files is there; mostly not even then, because one file of one plugin leaves nothing to ask. That two plugins
have one name, or that one is made for another plugin API, is known without importing either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.errors import UserError
from layerwright.plugins.api import refusal
from layerwright.plugins.entry_points import EVIDENCE_GROUP, NO_EVIDENCE, PLUGIN_GROUP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from layerwright.config.reading import Configuration
    from layerwright.config.sources import Sources
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.plugins.host import Plugins
    from layerwright.project import Project

__all__ = ["Detected", "detect", "is_meant_for_us", "nothing_detected"]

_SIGNS_OF_PYTHON = ("pyproject.toml", "setup.py", "setup.cfg", "manage.py", ".python-version", "Pipfile")
# What every package manager's table has (config.ToolSettings): none of it says which files to look for.
_COMMON_SETTINGS = frozenset({"version", "launch", "stand-in"})


class Detected(NamedTuple):
    """The package manager that is going to be used, and why: a file, or who named it in the configuration."""

    name: str
    reason: str


def detect(
    project: Project, sources: Sources, entry_points: Sequence[EntryPoint], disabled: Iterable[str] = ()
) -> Detected | None:
    """Return the package manager for *project*: the configured one, else the only one that claims it, else none.

    Where several claim it, one that others than the application give counts, if it is among them. ``UserError`` when
    several are left, or when the configured one is not installed. ``PluginError`` when what it would be is not to be
    had: its plugin is broken, or another one has its name.
    """
    off = {*disabled}
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
        return _configured(name, origin, [e for e in usable if e.module not in without], switched_off)
    return _claimed(project, sources, provided, usable)


def nothing_detected(project: Project, entry_points: Iterable[EntryPoint]) -> UserError | None:
    """Return what is missing from *project* when no package manager claims it, or what to build in its place.

    ``None`` when nothing in it looks like Python at all.
    """
    import difflib

    from layerwright.build.notices.workspaces import locked_above

    files = sorted(entry.name for entry in project.root.iterdir() if entry.is_file())
    evidence = sorted({e.name for e in entry_points if e.group == EVIDENCE_GROUP} - {NO_EVIDENCE})
    unclaimed = [
        f"{file} is there, but its package manager is switched off or configured to look for another file."
        for file in files
        if file in evidence
    ]
    above = None if unclaimed else locked_above(project, entry_points)
    if above is not None:
        return above
    others = [file for file in files if file not in evidence]
    nearest = ((f, difflib.get_close_matches(f.lower(), evidence, n=1, cutoff=0.8)) for f in others)
    misspelt = [f"{file} is there: is it meant to be {match[0]}?" for file, match in nearest if match]
    found = [*unclaimed, *misspelt]
    if not found and not any(f in _SIGNS_OF_PYTHON or f.endswith(".py") for f in files):
        return None
    if not evidence:
        return UserError(
            "No package manager claims this application.",
            cause="No plugin that is installed knows the files of a package manager.",
            remedy='Install the standard plugins beside Layerwright: pip install "layerwright[standard]"',
            reference="nothing-detected",
        )
    return UserError(
        "No package manager claims this application.",
        cause="\n".join(found) or f"None of the files that one looks for is there: {', '.join(evidence)}.",
        remedy=(
            "Rename the file, if that is what it is meant to be."
            if misspelt
            else "Add one of those files, with the application's dependencies in it.",
            'Or name the package manager: package-manager = "…" in [tool.layerwright] of pyproject.toml.',
            "`layerwright plugins` lists the package managers that are installed.",
        ),
        reference="nothing-detected",
    )


def is_meant_for_us(project: Project, sources: Sources, entry_points: Iterable[EntryPoint]) -> bool:
    """Return whether *project*, which no package manager claims, is clearly one for Layerwright all the same.

    It is if it has a configuration of ours, or a file that is the evidence of some package manager. A Python file is
    not enough: there are some in most applications that are for other buildpacks.
    """
    configured = any(not raw.given for key in sources.keys for raw in sources.in_files(key))
    evidence = {e.name for e in entry_points if e.group == EVIDENCE_GROUP} - {NO_EVIDENCE}
    return configured or any(map(project.exists, evidence))


def _named(name: str, provided: Sequence[EntryPoint], usable: Sequence[EntryPoint]) -> bool:
    """Tell whether there is a plugin *name*; ``PluginError`` where it is refused, or there are several."""
    named = [e for e in provided if e.name == name]
    if len(named) > 1:
        from layerwright.plugins.blame import conflict

        raise conflict(f'"{name}"', named)
    refused = refusal(named[0], usable) if named else None
    if refused is not None:
        raise refused
    return bool(named)


def _claimed(
    project: Project, sources: Sources, provided: Sequence[EntryPoint], usable: Sequence[EntryPoint]
) -> Detected | None:
    plugins = {e.module for e in provided}
    evidence = [e for e in usable if e.group == EVIDENCE_GROUP and e.module in plugins]
    claims = [e for e in evidence if project.exists(e.name)]
    modules = {e.module for e in claims}
    published = {e.module for e in evidence}
    # A plugin that publishes no evidence, or whose settings may name other files, has to be asked; so has one that
    # finds several of its files, as it alone knows which of them counts.
    ask = {
        e.module for e in provided if e.module not in published or sources.keys_in(e.name) - _COMMON_SETTINGS
    }
    names = [e.name for e in provided if e.module in modules]
    if not ask and len(names) == 1 and len(claims) == 1 and _named(names[0], provided, usable):
        return Detected(names[0], f"{claims[0].name} is there")
    candidates = modules | ask
    return _asked(project, sources, usable, candidates) if candidates else None


def _asked(
    project: Project, sources: Sources, usable: Sequence[EntryPoint], candidates: Collection[str]
) -> Detected | None:
    """Have each of the modules that are *candidates* decide for itself."""
    from layerwright.contract.package_manager import Detection
    from layerwright.plugins.blame import blaming
    from layerwright.plugins.wrong_types import checked_parts

    plugins, configuration = _loaded(sources, usable, candidates)
    found: dict[str, str] = {}
    for name, manager in plugins.package_managers.items():
        provider = plugins.provider(name)
        if provider.module not in candidates:
            continue
        with blaming(provider.label, "detect"):
            detection = manager.detect(project, configuration.tool(name))
        if detection is not None:
            found[name] = checked_parts(detection, Detection, provider.label, "detect").evidence
    given = sources.given_package_manager
    if len(found) > 1 and given is not None and given[0] in found:
        return Detected(given[0], f"{found[given[0]]} is there, and {given[1]} prefers it")
    if len(found) > 1:
        raise _several({name: (file, plugins.provider(name).label) for name, file in found.items()})
    return next((Detected(name, f"{evidence} is there") for name, evidence in found.items()), None)


def _loaded(
    sources: Sources, usable: Sequence[EntryPoint], candidates: Collection[str]
) -> tuple[Plugins, Configuration]:
    """Import the plugins that are *candidates*, and those whose tables have to be read along with theirs."""
    from contextlib import suppress

    from layerwright.config.reading import configure
    from layerwright.errors import ConfigurationError
    from layerwright.plugins.loading import load_plugins

    wanted = [e for e in usable if e.module in candidates or sources.keys_in(e.name)]
    modules = {e.module for e in wanted}
    plugins = load_plugins([e for e in usable if e.module in modules])
    for broken in plugins.broken:
        if broken.entry_point.module in candidates:
            raise broken.error
    with suppress(ConfigurationError):
        return plugins, configure(sources, plugins.tables)
    # The message names what there is; or a table is that of a package manager called unlike its plugin.
    plugins = load_plugins(usable)
    plugins.refuse_broken({e.name for e in wanted} | {key[0] for key in sources.keys})
    return plugins, configure(sources, plugins.tables)


def _several(found: Mapping[str, tuple[str, str]]) -> UserError:
    return UserError(
        "More than one package manager claims this application.",
        cause="\n".join(f"{name}: {file} is there ({label})" for name, (file, label) in found.items()),
        remedy=(
            "Say which one it is, in [tool.layerwright] of pyproject.toml or at the top of layerwright.toml: "
            + " or ".join(f'package-manager = "{name}"' for name in found),
            "Or remove the file that is not used.",
        ),
        reference="several-package-managers",
    )


def _configured(name: str, origin: str, usable: Sequence[EntryPoint], switched_off: bool) -> Detected:
    """Find *name* among the package managers of plugins whose entry point is called something else."""
    from layerwright.plugins.loading import load_plugins

    plugins = load_plugins(usable)
    if name in plugins.package_managers:
        return Detected(name, f"{origin} names it")
    if plugins.broken and not switched_off:
        # Any of them could be the one that provides it.
        raise plugins.broken[0].error
    there = ", ".join(sorted(plugins.package_managers)) or "none"
    raise UserError(
        f'The package manager "{name}" is {"switched off" if switched_off else "not installed"}.',
        cause=f"{origin} names it. Those that are there: {there}.",
        remedy=(
            "Take it out of LAYERWRIGHT_DISABLE_PLUGINS."
            if switched_off
            else f"Correct {origin}, or install the plugin that provides it (layerwright-{name}, by custom)."
        ),
        reference="unknown-package-manager",
    )
