"""Files whose names are almost those of files that select the Python version: a build warns about them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from layerwright.config.version_files import VERSION_FILE

if TYPE_CHECKING:
    from layerwright.files.project import Project

__all__ = ["misspelt_files"]

_MEANT: Final = {
    "pythonversion": VERSION_FILE,
    "pythonversions": VERSION_FILE,
    "pythonversiontxt": VERSION_FILE,
    "toolversion": ".tool-versions",
    "toolversions": ".tool-versions",
    "runtimestxt": "runtime.txt",
    "runtimetxt": "runtime.txt",
    "misetoml": "mise.toml",
}


def misspelt_files(project: Project) -> tuple[str, ...]:
    """Return a warning for each file whose name is almost that of a file which selects the Python version."""
    found = []
    for name in sorted(os.listdir(project.root)):  # noqa: PTH208  # names alone, and no Path for each
        meant = _MEANT.get(re.sub(r"[-_. ]", "", name.lower()))
        if meant is not None and name not in (meant, f".{meant}"):
            found.append(
                f"{name} is not read.\nRename it to {meant}, if it is meant to select the Python version."
            )
    return tuple(found)
