"""Files that name a Python version for other tools: they are not read, and a build warns about them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.project import Project

__all__ = ["unread_versions"]

VERSION_FILE: Final = ".python-version"
_MISSPELT: Final = frozenset({"pythonversion", "pythonversions", "pythonversiontxt"})
_VERSION: Final = r"[0-9]+\.[0-9]+(?:\.[0-9]+)?"
_LINES: Final = {
    # https://devcenter.heroku.com/articles/python-runtimes
    "runtime.txt": re.compile(rf"^python-({_VERSION})\s*$", re.MULTILINE),
    # https://asdf-vm.com/manage/configuration.html
    ".tool-versions": re.compile(rf"^\s*python\s+({_VERSION})(?:\s|$)", re.MULTILINE),
    # https://mise.jdx.dev/configuration.html
    "mise.toml": re.compile(rf"""^\s*python\s*=\s*["']({_VERSION})["']\s*$""", re.MULTILINE),
    ".mise.toml": re.compile(rf"""^\s*python\s*=\s*["']({_VERSION})["']\s*$""", re.MULTILINE),
}


def unread_versions(project: Project, chosen: str) -> tuple[str, ...]:
    """Return a warning for each file that names another Python version than *chosen*, or has a misspelt name."""
    return (*_misspelt(project), *_of_other_tools(project, chosen))


def _misspelt(project: Project) -> Iterator[str]:
    for name in sorted(os.listdir(project.root)):  # noqa: PTH208  # names alone, and no Path for each
        if name != VERSION_FILE and re.sub(r"[-_. ]", "", name.lower()) in _MISSPELT:
            yield f"{name} is not read.\nRename it to {VERSION_FILE}, if it is meant to select the Python version."


def _of_other_tools(project: Project, chosen: str) -> Iterator[str]:
    for name, line in _LINES.items():
        try:
            text = project.text(name) if project.exists(name) else ""
        except UserError:
            # It may contain anything: a mistake in a file that is not read is not an error.
            continue
        found = line.search(text)
        if found and not f"{chosen}.".startswith(f"{found[1]}."):
            version = project.quoted(name, found[1])
            yield (
                f"{name} is not read: it names Python {version}, and {chosen} is used.\n"
                f"Write {version} into {VERSION_FILE}, or set python.version in the configuration."
            )
