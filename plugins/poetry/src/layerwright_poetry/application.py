"""The application itself as a distribution, which Poetry installs as editable unless it is not a package."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from layerwright import UserError
from layerwright_poetry.files import PYPROJECT, poetry_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from layerwright import Project

__all__ = [
    "application_inputs",
    "fresh_because",
    "has_no_import_package",
    "installed_as",
    "installs_itself",
    "never_removed",
    "refuse_missing_files",
]

_LEGAL: Final = ("AUTHORS", "COPYING", "LICENCE", "LICENSE", "NOTICE")
# The longest name that a file can have, in bytes. A description is longer.
_LONGEST: Final = 255


def installs_itself(project: Project, root: bool | None) -> bool:
    """Return whether the application itself is installed: as *root* says, otherwise if it has a package."""
    if not _is_package(project) or root is False:
        return False
    return root is True or not has_no_import_package(project)


def application_inputs(project: Project, root: bool | None) -> dict[str, str]:
    """Return the inputs of the application's own installation, besides the tables of ``pyproject.toml``.

    Its metadata contains the text of files: the readme, licences, scripts.
    """
    if not _is_package(project) or root is False:
        return {}
    total = hashlib.sha256()
    for name in _files(project):
        total.update(f"{name}\0{project.digest(name)}\0".encode())
    for place in filter(lambda name: project.path(name).exists(), _places(project)):
        total.update(f"{place}\0".encode())
    return {"application": f"sha256:{total.hexdigest()}"}


def fresh_because(project: Project, plugins: Sequence[str], root: bool | None) -> str:
    """Return why the inputs do not determine the application's own installation; empty if they do."""
    if not _is_package(project) or root is False:
        return ""
    if poetry_table(project).get("build"):
        return "tool.poetry.build is a program that creates a part of the application"
    return f"a plugin of Poetry can change the application: {', '.join(plugins)}" if plugins else ""


def has_no_import_package(project: Project) -> str:
    """Return the import package whose absence keeps Poetry from installing the application; empty if it can.

    Many applications are not packages, but do not set ``package-mode = false``. Then there is nothing to install.
    """
    if not _is_package(project) or not _name(project) or poetry_table(project).get("packages"):
        return ""
    return "" if any(project.path(place).exists() for place in _places(project)) else _module(project)


def installed_as(project: Project, root: bool | None) -> str:
    """Return the name of the distribution that the application is installed as; empty if it is not installed."""
    return str(_name(project) or "") if installs_itself(project, root) else ""


def refuse_missing_files(project: Project, root: bool | None) -> None:
    """Raise ``UserError`` if a file that the application's metadata is built from does not exist."""
    if not installs_itself(project, root):
        return
    table = project.toml(PYPROJECT).get("project")
    metadata = table if isinstance(table, dict) else {}
    named = {f"project.{key}": metadata.get(key) for key in ("readme", "license")}
    named["tool.poetry.readme"] = poetry_table(project).get("readme")
    for key, value in named.items():
        for name in _named_files(value, plain=not key.endswith("license")):
            if not project.exists(name):
                raise UserError(
                    f"{name} does not exist.",
                    cause=f"{key} in {PYPROJECT} names it, and Poetry reads it to install the application.",
                    remedy=(f"Create {name}, or correct {key}.",),
                    reference="missing-metadata-file",
                )


def _named_files(value: Any, *, plain: bool) -> list[str]:
    """Return the files that *value* names: in a table or, if *plain*, also as a string or an array."""
    if isinstance(value, dict):
        value, plain = value.get("file"), True
    names = value if isinstance(value, list) else [value]
    return [name for name in names if plain and isinstance(name, str)]


def never_removed(project: Project, root: bool | None) -> frozenset[str]:
    """Return the distributions that ``poetry sync`` never removes, even if nothing requires them."""
    own = set() if installs_itself(project, root) or not _name(project) else {_module(project)}
    return frozenset({"pip", *own})


def _is_package(project: Project) -> bool:
    return poetry_table(project).get("package-mode", True) is not False


def _name(project: Project) -> Any:
    table = project.toml(PYPROJECT).get("project")
    return (table.get("name") if isinstance(table, dict) else None) or poetry_table(project).get("name")


def _module(project: Project) -> str:
    return re.sub(r"[-_.]+", "_", str(_name(project))).lower()


def _places(project: Project) -> list[str]:
    """Return where Poetry looks for the application's import package."""
    module = _module(project)
    return [f"{parent}{module}{suffix}" for parent in ("", "src/") for suffix in ("", ".py")]


def _files(project: Project) -> list[str]:
    """Return the files that the tables name, for any purpose, and those that are licences by their names."""
    named = _strings([project.toml(PYPROJECT).get("project"), poetry_table(project)])
    files = {name for name in named if len(name.encode()) <= _LONGEST and project.exists(name)}
    beside = (path.name for path in project.root.iterdir())
    return sorted(files.union(name for name in beside if name.upper().startswith(_LEGAL)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
