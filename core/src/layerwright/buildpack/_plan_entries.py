"""The requests of other buildpacks in the build plan, as configuration, and those that could not be met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.build.layers.names import PYTHON, VENV, tool_layer
from layerwright.config.sources import Given
from layerwright.errors import UserError
from layerwright.pythons.specifiers import version_matcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.build.phase import Built
    from layerwright.cnb.build_plan import BuildpackPlan, Require
    from layerwright.cnb.layers.layer import LayerTypes
    from layerwright.output.log import Log

__all__ = ["asked", "needed", "unmet"]

_GIVER: Final = "the build plan"
# In TOML they are booleans; some write them in quotes.
_YES: Final = (True, "true")
_NO: Final = (False, "false")


def asked(plan: BuildpackPlan, log: Log) -> Given:
    """Return the requests in *plan* as tables of the configuration, and show their metadata in *log*.

    ``launch = true`` for a package manager makes it available at launch; ``version``, for a package manager or
    ``python``, requests a version, a prefix of one (with or without ``.*``), or, for ``python``, a PEP 440 specifier
    set. ``UserError``: two entries request different versions.
    """
    told = [entry for entry in plan.entries if entry.metadata]
    if told:
        log.heading("Build plan")
    tables: dict[str, dict[str, Any]] = {}
    for entry in told:
        log.note(f"{entry.name}: {', '.join(f'{key} = {value}' for key, value in entry.metadata.items())}")
        table = tables.setdefault(entry.name, {})
        if _at_launch(entry):
            table["launch"] = True
        if version := _version(entry):
            other = table.setdefault("version", version)
            if version != other:
                raise _two_versions(entry.name, other, version)
    return Given(_GIVER, {name: table for name, table in tables.items() if table})


def needed(plan: BuildpackPlan) -> frozenset[str]:
    """Return the names of the layers that later buildpacks need at build, by the entries of *plan*.

    Layerwright itself requires everything once. An entry of another buildpack means the build, unless its metadata has
    ``build = false``, or ``launch = true`` without ``build = true``.
    """
    found: set[str] = set()
    seen: set[str] = set()
    for entry in plan.entries:
        is_own, build = not entry.metadata and entry.name not in seen, entry.metadata.get("build")
        seen.update([entry.name] if is_own else [])
        at_launch_alone = build is None and entry.metadata.get("launch") in _YES
        if is_own or build in _NO or at_launch_alone:
            continue
        # A virtual environment runs with its interpreter, and a package manager works on both.
        found.update({PYTHON} if entry.name == PYTHON else {PYTHON, VENV})
        if entry.name not in (PYTHON, VENV):
            found.add(tool_layer(entry.name))
    return frozenset(found)


def unmet(plan: BuildpackPlan, built: Built) -> dict[str, str]:
    """Return the names of the entries of *plan* that *built* does not meet, each with the reason as text."""
    types = {contribution.name: contribution.types for contribution in built.contributions}
    found = {}
    for entry in plan.entries:
        there, version = built.versions.get(entry.name, ""), _version(entry)
        if entry.name != VENV and not there:
            found[entry.name] = "which this application does not use"
        elif version and not _satisfies(there, version):
            found[entry.name] = f"in version {version}, and the application has {there}"
        elif _at_launch(entry) and not _is_at_launch(tool_layer(entry.name), types):
            found[entry.name] = "at launch, but the configuration leaves it out of the run image"
    return found


def _at_launch(entry: Require) -> bool:
    # Python and the venv are always available at launch.
    return entry.name not in (PYTHON, VENV) and entry.metadata.get("launch") in _YES


def _is_at_launch(layer: str, types: Mapping[str, LayerTypes]) -> bool:
    # A build with nothing changed leaves out a package manager that no command needs.
    return layer in types and types[layer].launch


def _version(entry: Require) -> str:
    """Return the version that *entry* requests; empty for any version."""
    version = str(entry.metadata.get("version", "")).strip() if entry.name != VENV else ""
    return "" if version == "*" else version.removesuffix(".*")


def _satisfies(there: str, version: str) -> bool:
    try:
        return there == version or version_matcher(f"=={version}.*" if version[0].isdigit() else version)(
            there
        )
    except ValueError:
        return False


def _two_versions(name: str, one: object, other: object) -> UserError:
    return UserError(
        f"The build plan asks for two versions of {name}: {one} and {other}.",
        cause="Two buildpacks of this build require it in different versions.",
        remedy="Remove one of these buildpacks, or configure it not to ask for a version.",
        reference="build-plan-versions",
    )
