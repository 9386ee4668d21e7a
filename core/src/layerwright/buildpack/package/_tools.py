"""Adds the wheels of package managers to a buildpack, so that its builds need not download them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.wheels.pins import pins
from layerwright.config.python_request import PREFERRED_MINOR
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.contract.distributions import index_settings, pip_download
from layerwright.contract.names import normalised_name
from layerwright.contract.values.tool import ToolLayer, ToolRequest
from layerwright.errors import UserError
from layerwright.files.project import Project
from layerwright.plugins.blame import blaming
from layerwright.plugins.entry_points import entry_points
from layerwright.plugins.loading import load_plugins
from layerwright.plugins.wrong_types import checked_parts
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from layerwright.buildpack import Buildpack
    from layerwright.buildpack.package.target import Machine
    from layerwright.output.log import Log
    from layerwright.plugins.host import Plugins
    from layerwright.process.runner import Runner

__all__ = ["CarriedTool", "add_wheels", "carried_tools"]

# The version of an application that asks for none. The wheels of tools without compiled parts fit others as well.
_PYTHON: Final = f"{PREFERRED_MINOR}.0"
# A tool layer is the same in every directory.
_LAYERS: Final = Path("/layers")


class CarriedTool(NamedTuple):
    """The default version of a package manager in words, and the requirements that pin its wheels."""

    words: str
    requirements: tuple[str, ...]


def carried_tools(
    buildpack: Buildpack,
    distributions: Collection[str],
    path: Iterable[str] | None,
    machine: Machine,
    log: Log,
) -> tuple[CarriedTool, ...]:
    """Return the package managers in ``tools`` of *buildpack*, as they are by default for *machine*.

    One that is not locked is left out, with a warning. Only the plugins among *distributions* that are installed on
    *path* (default: ``sys.path``) are asked. ``UserError``: none of them provides one.
    """
    if not buildpack.tools:
        return ()
    own = [one for one in entry_points(path) if normalised_name(one.distribution) in distributions]
    plugins = load_plugins(own, hooks=buildpack.given_hooks())
    unknown = [name for name in buildpack.tools if name not in plugins.package_managers]
    if unknown:
        known = ", ".join(sorted(plugins.package_managers)) or "none"
        raise UserError(
            f"There is no package manager {' or '.join(unknown)}, whose tool the buildpack should contain.",
            cause=f"Package managers of its installed plugins: {known}.",
            remedy=("Add its plugin to `plugins`, and install it here.", "Or remove it from `tools`."),
            reference="unknown-tool",
        )
    settings = configure(Sources({}, {}, buildpack.given()), plugins.tables).tools
    with tempfile.TemporaryDirectory() as empty:
        tools = [
            _carried(name, settings[name], plugins, machine, Project(Path(empty))) for name in buildpack.tools
        ]
    unlocked = [tool.words for tool in tools if not tool.requirements]
    if unlocked:
        log.warning(f"Not in the buildpack, because its plugin does not lock it: {', '.join(unlocked)}.")
    return tuple(tool for tool in tools if tool.requirements)


def add_wheels(
    tools: Sequence[CarriedTool],
    directory: Path,
    *,
    python: Path,
    machine: Machine,
    environment: Mapping[str, str],
    runner: Runner,
) -> None:
    """Put the wheels of *tools* into *directory*, from the package index, verified by hashes; *python* runs pip."""
    for tool in tools:
        directory.mkdir(parents=True, exist_ok=True)
        runner.run(
            pip_download(
                python,
                *machine.wheel_platforms,
                minor=PREFERRED_MINOR,
                requirements="".join(f"{line}\n" for line in tool.requirements),
                into=directory,
                environment=environment,
                index=index_settings(environment),
                shown=f"pip download --require-hashes {tool.words}",
                remedy=(
                    "If the package index could not be reached, check pip's index settings (PIP_INDEX_URL and others).",
                    "Or remove the tool from `tools` of the Buildpack.",
                ),
                reference="buildpack-not-installed",
            )
        )


def _carried(
    name: str, settings: object, plugins: Plugins, machine: Machine, project: Project
) -> CarriedTool:
    manager, label = plugins.package_manager(name), plugins.provider(name).label
    with blaming(label, "tool_layer"):
        found = manager.tool_layer(
            ToolRequest(
                project=project,
                settings=settings,
                environment={},
                interpreter=Interpreter(version=_PYTHON, prefix=_LAYERS / "python"),
                target=machine.target,
                layer=_LAYERS / f"tool-{name}",
                venv=_LAYERS / "venv",
            )
        )
    if found is None:
        return CarriedTool(manager.display_name, ())
    tool = checked_parts(found, ToolLayer, label, "tool_layer")
    words = f"{manager.display_name} {tool.version}"
    if tool.wheels is None:
        return CarriedTool(words, ())
    locked = pins(tool.wheels.hashed, _PYTHON, markers=machine.marker_environment(_PYTHON))
    return CarriedTool(words, tuple(pin.line for pin in locked or ()))
