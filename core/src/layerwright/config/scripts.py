"""Scripts that declare what they need in their own comments, and the script that an application consists of.

https://packaging.python.org/en/latest/specifications/inline-script-metadata/
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from layerwright.errors import UserError
from layerwright.files.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SCRIPT", "application_script", "inline_metadata", "open_project", "scripts"]

SCRIPT: Final = "LAYERWRIGHT_SCRIPT"
"""The variable that names the script to build."""

_BLOCK: Final = r"(?m)^# /// script$\s(?P<content>(?:^#(?:| .*)$\s)+?)^# ///$"
_MARK: Final = b"# /// script"
_MAIN_FILES: Final = ("main.py", "app.py", "server.py", "manage.py", "wsgi.py", "asgi.py", "__main__.py")
_LARGEST: Final = 1_000_000


def open_project(path: Path, environment: Mapping[str, str], tree: Path | None = None) -> Project:
    """Return the application at *path* in *tree*: a script, or a directory, in which a variable may choose a script."""
    if path.is_file():
        return Project(path.parent, tree, path.name)
    return Project(path, tree, _chosen(path, environment))


def _chosen(directory: Path, environment: Mapping[str, str]) -> str:
    """Return the script in *directory* that the variable names, if it is set. ``UserError``: there is none."""
    name = environment.get(SCRIPT, "").strip()
    if not name:
        return ""
    path = directory / name
    if "/" in name:
        cause = "It is in another directory."
    elif not path.is_file():
        cause = f"There is no such file in {directory}."
    elif not name.endswith(".py"):
        cause = "It does not end with .py."
    else:
        return name
    raise UserError(
        f"{SCRIPT} is {name}, which is not a script of this application.",
        cause=cause,
        remedy=f"Set {SCRIPT} to the name of a Python file in the application directory, or unset it.",
        reference="not-a-script",
    )


def inline_metadata(project: Project, name: str) -> Mapping[str, Any] | None:
    """Return the inline metadata (PEP 723) of the script *name*, ``None`` if it has none or does not exist.

    ``UserError``: it is malformed.
    """
    # Most Python files have none, and may not be readable text.
    if _MARK not in (project.read(name) or b""):
        return None
    found = [*re.finditer(_BLOCK, project.text(name).replace("\r\n", "\n"))]
    if not found:
        return None
    import tomllib

    try:
        if len(found) > 1:
            raise ValueError("there are several blocks")
        lines = found[0]["content"].splitlines()
        return tomllib.loads("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines))
    except ValueError as error:
        raise UserError(
            f"The inline metadata of {name} is malformed.",
            cause=f"{project.quoted(name, str(error))}.",
            remedy=f"Correct the block `# /// script` of {name} (PEP 723).",
            reference="malformed-script-metadata",
        ) from error


def application_script(project: Project) -> str | None:
    """Return the script that *project* consists of, ``None`` if it is not clear which one that is.

    It is the chosen one, with or without inline metadata. Otherwise it is the only one at the top that has such
    metadata, or the only one of these with a usual name, such as ``main.py``.
    """
    if project.script:
        return project.script
    found = scripts(project)
    main = [name for name in found if name in _MAIN_FILES]
    return found[0] if len(found) == 1 else main[0] if len(main) == 1 else None


def scripts(project: Project) -> tuple[str, ...]:
    """Return the scripts at the top of *project* that have inline metadata."""
    with os.scandir(project.root) as entries:
        files = sorted(e.name for e in entries if e.name.endswith(".py") and e.is_file() and _is_small(e))
    return tuple(name for name in files if inline_metadata(project, name) is not None)


def _is_small(entry: os.DirEntry[str]) -> bool:
    return entry.stat().st_size <= _LARGEST
