"""Projects that ``setup.cfg`` describes, which pip installs only with another file beside it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from layerwright import UserError

if TYPE_CHECKING:
    from layerwright import Project

__all__ = ["SETUP_CFG", "describes_project", "without_build_system"]

SETUP_CFG: Final = "setup.cfg"
# Other tools have sections in it as well, and [metadata] alone may only name the license.
_PROJECT: Final = rb"(?m)^\[options\]|^\[metadata\][^\[]*^name\s*[=:]"


def describes_project(project: Project, directory: str = ".") -> bool:
    """Return whether ``setup.cfg`` in *directory* has the metadata or the options of a project."""
    return re.search(_PROJECT, project.read(_in(directory)) or b"") is not None


def without_build_system(directory: str) -> UserError:
    """Return the error for a project in *directory* that only ``setup.cfg`` describes."""
    return UserError(
        f"{_in(directory)} alone does not make a project.",
        cause="pip installs a project that has a pyproject.toml or a setup.py, and there is neither.",
        remedy=f'Beside {_in(directory)}, add a pyproject.toml of two lines: [build-system], requires = ["setuptools"]',
        reference="not-a-project",
    )


def _in(directory: str) -> str:
    return os.path.normpath(os.path.join(directory, SETUP_CFG))  # noqa: PTH118  # names of files, not paths
