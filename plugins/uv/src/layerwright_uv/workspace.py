"""The workspace that an application belongs to: its root has the lock file and uv's settings.

See "Using workspaces" in uv's documentation. uv searches upward from the application in the same way.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from layerwright_uv.local_source import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from layerwright import Project

__all__ = ["Workspace", "settings_file", "workspace_of"]


class Workspace(NamedTuple):
    """A workspace with its ``root`` relative to the application, and the ``member`` relative to the root.

    An application that belongs to no other directory's workspace is the root itself: ``.``.
    """

    root: str
    member: str

    def name(self, relative: str) -> str:
        """Return the name for a ``Project`` of what is *relative* to the root."""
        name = os.path.normpath(relative)
        if name == self.member:
            return "."
        own = name.removeprefix(f"{self.member}/")
        return own if own != name else os.path.normpath(f"{self.root}/{name}")


def workspace_of(project: Project) -> Workspace:
    """Return the workspace of *project*, as uv finds it.

    The nearest directory above with a ``pyproject.toml`` decides: it has a table ``workspace`` that includes the
    application, or the application is none of its members.
    """
    own = Workspace(".", ".")
    pyproject = project.toml("pyproject.toml")
    if not pyproject or "workspace" in table(pyproject, "tool", "uv"):
        return own
    above = next(filter(project.exists, _above(project)), None)
    if above is None:
        return own
    root = above.rpartition("/")[0]
    if not project.is_outside(root):
        project.refuse_outside(above)
    found = table(project.toml(above), "tool", "uv").get("workspace")
    if not isinstance(found, dict) or not _includes(project, root, found.get("members")):
        return own
    if _includes(project, root, found.get("exclude")):
        return own
    return Workspace(root, os.path.relpath(project.root, project.path(root)))


def settings_file(project: Project) -> str:
    """Return the name for *project* of uv's own settings; uv reads those beside a script, too."""
    return "./uv.toml" if project.script else workspace_of(project).name("uv.toml")


def _above(project: Project) -> Iterator[str]:
    for level in range(1, len(project.root.parts)):
        yield f"{'/'.join(['..'] * level)}/pyproject.toml"


def _includes(project: Project, root: str, patterns: object) -> bool:
    """Return whether one of *patterns*, relative to *root*, is for the application."""
    here = os.path.realpath(project.root)
    top = Path(os.path.normpath(project.path(root)))
    found: Iterable[object] = patterns if isinstance(patterns, list) else ()
    for pattern in map(str, found):
        try:
            if any(os.path.realpath(path) == here for path in top.glob(pattern)):
                return True
        except (ValueError, NotImplementedError, IndexError):
            # Not a valid pattern: it is empty, absolute, or has ** within a word. uv reports it.
            continue
    return False
