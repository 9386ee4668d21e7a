"""What other buildpacks ask of this one in the build plan, as configuration, and what of it was not to be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.config_sources import Given
from layerwright.errors import UserError
from layerwright.layers.names import PYTHON, VENV, tool_layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.cnb.build_plan import BuildpackPlan
    from layerwright.contribute import Contribution
    from layerwright.output import Log

__all__ = ["asked", "unmet"]

_GIVER: Final = "the build plan"


def asked(plan: BuildpackPlan, log: Log) -> Given:
    """Return what the entries of *plan* ask for as tables of the configuration, and show their metadata in *log*.

    ``launch = true`` for a package manager has it at launch; ``version``, for one or for ``python``, names the one
    wanted. ``UserError`` where two entries name different ones.
    """
    told = [entry for entry in plan.entries if entry.metadata]
    if told:
        log.heading("Build plan")
    tables: dict[str, dict[str, Any]] = {}
    for entry in told:
        log.note(f"{entry.name}: {', '.join(f'{key} = {value}' for key, value in entry.metadata.items())}")
        table = tables.setdefault(entry.name, {})
        if entry.metadata.get("launch") is True and entry.name not in (PYTHON, VENV):
            table["launch"] = True
        if "version" in entry.metadata and entry.name != VENV:
            version = table.setdefault("version", entry.metadata["version"])
            if version != entry.metadata["version"]:
                raise _two_versions(entry.name, version, entry.metadata["version"])
    return Given(_GIVER, {name: table for name, table in tables.items() if table})


def unmet(plan: BuildpackPlan, made: Iterable[Contribution]) -> dict[str, str]:
    """Return the names of the entries of *plan* that the layers which were *made* do not meet, each with the reason."""
    types = {contribution.name: contribution.types for contribution in made}
    found = {}
    for entry in plan.entries:
        if entry.name in (PYTHON, VENV):
            continue
        tool = types.get(tool_layer(entry.name))
        if tool is None:
            found[entry.name] = "which this application does not use"
        elif entry.metadata.get("launch") is True and not tool.launch:
            found[entry.name] = "to be there at launch, and the configuration says that it is not"
    return found


def _two_versions(name: str, one: object, other: object) -> UserError:
    return UserError(
        f"The build plan asks for two versions of {name}: {one} and {other}.",
        cause="Two buildpacks of this build require it, each in its own version.",
        remedy="Leave one of those buildpacks out, or have it ask for no version.",
        reference="build-plan-versions",
    )
