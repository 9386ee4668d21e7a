"""Imports of an application that declares no dependencies, but needs some."""

from __future__ import annotations

import ast
import os
import sys
from typing import TYPE_CHECKING, Final

from layerwright import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright import Project

__all__ = ["undeclared"]

# Not "": for a single script, the files beside it are not part of the application, but it can import them.
_PLACES: Final = (".", "src", "lib")


def undeclared(project: Project, main: str) -> str:
    """Return a warning about what *main* imports and nothing installs; empty if there is no such import.

    *project* declares no dependencies. Imports below ``if`` and ``try`` do not count: the module may do without them.
    """
    try:
        tree = ast.parse(project.read(main) or b"")
    except (UserError, SyntaxError, ValueError, RecursionError):
        # It may be for a newer Python than this one, and then nothing is known about it.
        return ""
    missing = [name for name in dict.fromkeys(_imported(tree)) if not _is_there(project, name)]
    if not missing:
        return ""
    lines = [
        f"{main} imports {', '.join(missing)}, but no file declares dependencies, so nothing is installed."
    ]
    elsewhere = _requirements_below(project)
    if project.script:
        lines += [f"Declare the distributions that it needs: uv add --script {main} NAME"]
    elif elsewhere:
        lines += [
            f"{elsewhere} is not read, because it is not in the application directory itself.",
            f"Install it: layerwright config set pip.requirements {elsewhere}",
        ]
    else:
        lines += ["List the distributions that the application needs in requirements.txt."]
    return "\n".join(lines)


def _imported(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            yield (statement.module or "").partition(".")[0]


def _is_there(project: Project, name: str) -> bool:
    if name in sys.stdlib_module_names:
        return True
    below = [f"{place}/{name}" for place in _PLACES]
    return any(project.exists(f"{path}.py") or project.is_directory(path) for path in below)


def _requirements_below(project: Project) -> str:
    """Return the only requirements.txt one directory below; empty if there is none, or more than one."""
    with os.scandir(project.root) as entries:
        names = sorted(
            e.name for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")
        )
    found = [f"{name}/requirements.txt" for name in names if project.exists(f"{name}/requirements.txt")]
    return found[0] if len(found) == 1 else ""
