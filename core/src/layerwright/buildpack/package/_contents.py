"""What of an interpreter a buildpack has a use for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["strip"]

# For building software, for people, or to install pip, which runs with the interpreter of the application only.
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


def strip(root: Path, place: str) -> None:
    """Take out of the prefix in *root* what a buildpack never runs, and let it say that it is at *place*.

    All bytecode goes as well: it says where it was compiled.
    """
    for pattern in (*_USELESS, "**/__pycache__"):
        for path in list(root.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    for path in root.glob("lib/python3.*/_sysconfigdata*.py"):
        path.write_text(path.read_text(encoding="utf-8").replace(str(root), place), encoding="utf-8")
