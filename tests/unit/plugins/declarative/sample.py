"""A declaration that is right, for tests to add to."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwright.plugins.declarative.read import read_table

if TYPE_CHECKING:
    from layerwright.plugins.declarative.manager import DeclaredPackageManager

__all__ = ["MINIMAL", "manager", "merged", "problems"]

MINIMAL = """\
name = "acme"
display-name = "Acme"
detect.files = ["acme.lock"]
tool = { distribution = "acme-tool", version = "1.5" }
environment.commands = [["{tool}/bin/acme-tool", "sync"]]
"""


def merged(more: str = "") -> dict[str, Any]:
    """Return the minimal declaration with the TOML *more*, whose values take the place of the first ones."""
    tree = tomllib.loads(MINIMAL)
    _merge(tree, tomllib.loads(more))
    return tree


def manager(more: str = "", *, directory: Path = Path("/nowhere")) -> DeclaredPackageManager:
    """Return the package manager of the minimal declaration with *more*; it must be right."""
    read = read_table(merged(more), prefix="", directory=directory)
    assert read.manager is not None, read.problems
    return read.manager


def problems(more: str, *, directory: Path = Path("/nowhere")) -> list[str]:
    """Return all that is wrong with the minimal declaration with *more*."""
    read = read_table(merged(more), prefix="", directory=directory)
    assert (read.manager is None) == bool(read.problems)
    return list(read.problems)


def _merge(tree: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = value
