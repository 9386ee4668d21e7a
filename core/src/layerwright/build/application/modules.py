"""The modules of an application: the Python files that its processes can import from its source tree."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import editable_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.files.project import Project

__all__ = ["modules_in", "source_directories"]

_SUFFIX: Final = ".py"
# Many packages of Node.js have Python files for building their extensions.
_NO_SOURCES: Final = frozenset({"__pycache__", "node_modules"})
_ENVIRONMENT: Final = "pyvenv.cfg"
# The interpreter that compiles calls a function for each level.
_DEEPEST: Final = 100


def source_directories(project: Project, site_packages: Path) -> tuple[Path, ...]:
    """Return the directories that contain the modules of *project*: its own, and those of editable distributions.

    The latter are the distributions in *site_packages* whose source is in the source tree, such as members of a
    workspace. A script has none: its directory may be anything.
    """
    if project.script:
        return ()
    found = [project.root]
    if project.tree != project.root:
        places = sorted({os.path.realpath(place) for place in editable_from(site_packages)})
        tree = project.tree.resolve()
        found += (project.tree / os.path.relpath(place, tree) for place in places if _is_in(place, str(tree)))
    return tuple(
        one for one in found if not any(_is_in(str(one), str(other)) for other in found if other != one)
    )


def modules_in(directory: Path, tree: Path, *, without: Path | None = None) -> Iterator[str]:
    """Yield the path of each module below *directory*, relative to *tree*, in a fixed order.

    Symbolic links to directories are not followed. The directory *without*, virtual environments, ``node_modules``
    and names that begin with a dot are left out, and so are directories that cannot be read, or are nested more than
    100 deep.
    """
    start = os.path.relpath(directory, tree)
    top, base = os.fspath(directory), "" if start == os.curdir else f"{start}/"
    pending = [""]
    while pending:
        inside = pending.pop()
        if f"{top}/{inside}".rstrip("/") == str(without):
            continue
        files, folders = _listed(f"{top}/{inside}")
        for name in files:
            yield f"{base}{inside}{name}"
        if inside.count("/") < _DEEPEST:
            pending += (f"{inside}{name}/" for name in reversed(folders))


def _listed(directory: str) -> tuple[list[str], list[str]]:
    """Return the names of the modules and of the directories in *directory*, sorted; none in a virtual environment."""
    files: list[str] = []
    folders: list[str] = []
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name == _ENVIRONMENT:
                return [], []
            if entry.name[0] == "." or entry.name in _NO_SOURCES:
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.name.endswith(_SUFFIX) and entry.is_file():
                files.append(entry.name)
    return sorted(files), sorted(folders)


def _is_in(place: str, directory: str) -> bool:
    return f"{place}/".startswith(f"{directory.rstrip('/')}/")
