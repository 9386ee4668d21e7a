"""The declared name and scripts of an application's project: ``pyproject.toml``, ``setup.cfg`` or ``setup.py``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright import normalised_name
from layerwright_frameworks import source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import Project

__all__ = ["Scripts", "declared_name", "own_name", "scripts", "table"]

_SETUP_CFG: Final = "setup.cfg"
_SETUP_PY: Final = "setup.py"
_ENTRY_POINTS: Final = "options.entry_points"
_GROUPS: Final = ("console_scripts", "gui_scripts")


class Scripts(NamedTuple):
    """The scripts of a project, in words, and the function ``module:name`` of each."""

    where: str
    targets: Mapping[str, str]


def declared_name(project: Project) -> str:
    """Return the name of the distribution that *project* is, as it is spelt; empty if it has none.

    ``setup.py`` is not run: the name must be a constant there.
    """
    document = project.toml("pyproject.toml")
    found = table(document, "project").get("name", table(document, "tool", "poetry").get("name"))
    found = found or _setup_cfg(project).get("metadata", {}).get("name")
    found = found or _setup_arguments(project).get("name")
    return found if isinstance(found, str) else ""


def own_name(project: Project) -> str:
    """Return the same name, normalised."""
    return normalised_name(declared_name(project))


def scripts(project: Project) -> Scripts | None:
    """Return the scripts in the first place that declares any."""
    for where, targets in _declared(project):
        named = {str(name): str(target) for name, target in targets.items()}
        if named:
            return Scripts(where, named)
    return None


def table(tree: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the table at *path* in *tree*, or an empty one."""
    for name in path:
        inner = tree.get(name)
        tree = inner if isinstance(inner, dict) else {}
    return tree


def _declared(project: Project) -> Iterator[tuple[str, Mapping[str, Any]]]:
    document = project.toml("pyproject.toml")
    own = table(document, "project")
    yield "[project.scripts]", table(own, "scripts")
    yield "[project.gui-scripts]", table(own, "gui-scripts")
    yield "[tool.poetry.scripts]", table(document, "tool", "poetry", "scripts")
    sections = _setup_cfg(project).get(_ENTRY_POINTS, {})
    yield f"[{_ENTRY_POINTS}] of {_SETUP_CFG}", _in_groups(sections)
    found = _setup_arguments(project).get("entry_points")
    if isinstance(found, str):
        found = {group: "\n".join(map("=".join, entries.items())) for group, entries in _ini(found).items()}
    yield f"entry_points of {_SETUP_PY}", _in_groups(found) if isinstance(found, dict) else {}


def _in_groups(groups: Mapping[Any, Any]) -> dict[str, str]:
    """Return the scripts in *groups*: each is a list of ``name = module:function``, or a text of such lines."""
    found: dict[str, str] = {}
    for group in _GROUPS:
        entries = groups.get(group)
        lines = entries.splitlines() if isinstance(entries, str) else entries
        for entry in lines if isinstance(lines, list | tuple) else ():
            name, equals, target = str(entry).partition("=")
            if equals:
                found[name.strip()] = target.strip()
    return found


def _setup_cfg(project: Project) -> dict[str, dict[str, str]]:
    return _ini(source.text_of(project, _SETUP_CFG).decode(errors="replace"))


def _ini(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of *text*; none if it is not in the format of ``setup.cfg``."""
    if not text.strip():
        return {}
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None, strict=False, delimiters=("=", ":"))
    # The names of scripts are case-sensitive.
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except Error:
        return {}
    return {name: dict(parser[name]) for name in parser.sections()}


def _setup_arguments(project: Project) -> dict[str, Any]:
    """Return the arguments of ``setup()`` that are constants, or names of constants at the top of ``setup.py``."""
    module = source.parsed(project, _SETUP_PY, "setup")
    if module is None:
        return {}
    calls = (node for s in module.statements for node in ast.walk(s) if isinstance(node, ast.Call))
    call = next((node for node in calls if module.dotted(node.func).rpartition(".")[2] == "setup"), None)
    constants = dict(module.assigned)
    found: dict[str, Any] = {}
    for keyword in call.keywords if call is not None else ():
        value = keyword.value
        if isinstance(value, ast.Name):
            value = constants.get(value.id) or value
        try:
            found[str(keyword.arg)] = ast.literal_eval(value)
        except (ValueError, TypeError, RecursionError):
            continue
    return found
