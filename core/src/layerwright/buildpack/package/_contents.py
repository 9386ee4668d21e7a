"""The parts of an interpreter that a buildpack does not need."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["strip"]

# For building software, for people, or for installing pip, which runs only with the application's interpreter.
_USELESS: Final = (
    "include",
    "share",
    "bin/python*-config",
    "lib/*.a",
    "lib/libpython3.so",
    "lib/pkgconfig",
    "lib/python3.*/EXTERNALLY-MANAGED",
    "lib/python3.*/_sysconfig_vars*.json",
    "lib/python3.*/build-details.json",
    "lib/python3.*/config-*",
    "lib/python3.*/ensurepip",
    "lib/python3.*/idlelib",
    "lib/python3.*/lib2to3",
    "lib/python3.*/pydoc_data",
    "lib/python3.*/test",
    "lib/python3.*/tkinter",
    "lib/python3.*/turtle*",
)


def strip(root: Path) -> None:
    """Remove everything that a buildpack never runs from the prefix in *root*."""
    for pattern in _USELESS:
        for path in list(root.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
