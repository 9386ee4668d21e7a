"""What of an interpreter's prefix belongs in a layer."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["belongs"]

# Big, for development of CPython itself or for a desktop, which no application in an image imports.
_LEFT_OUT: Final = frozenset({"idlelib", "pydoc_data", "tkinter", "turtle.py", "turtledemo"})
# What others have installed is not the interpreter; ensurepip brings pip back where someone wants it.
_NOT_OURS: Final = frozenset(
    {"site-packages", "dist-packages", "sitecustomize.py", "usercustomize.py", "EXTERNALLY-MANAGED"}
)
# Compiled afresh: timestamps and the paths inside would be of the place that they were compiled in.
_ANYWHERE: Final = frozenset({"__pycache__", "test", "tests"})
_LEFT_OUT_FILES: Final = re.compile(
    r"config-[^/]*/.*\.[ao]|lib-dynload/(?:_tkinter|_test|_ctypes_test|_xxtestfuzz|xx)[^/]*|.*\.pyc"
)


def belongs(path: str, minor: str) -> bool:
    """Tell whether the file at *path* (relative to the prefix of a CPython *minor*) goes in the layer.

    A prefix may be shared: ``/usr/local`` with everything that was ever installed there, other minor versions
    of Python included. ``ensurepip`` and its bundled wheels belong; pip itself and every script do not.
    """
    top, _, rest = path.partition("/")
    if top == "bin":
        return rest in (f"python{minor}", f"python{minor}-config")
    if top == "include":
        return rest.startswith(f"python{minor}/")
    if top != "lib":
        return False
    library, _, module = rest.partition(f"python{minor}/")
    if library == "" and module:
        return _is_standard_library(module)
    name = re.escape(minor)
    return bool(
        re.fullmatch(rf"libpython{name}\.so[^/]*|libpython3\.so|pkgconfig/python-{name}[^/]*\.pc", rest)
    )


def _is_standard_library(module: str) -> bool:
    parts = module.split("/")
    return (
        parts[0] not in _LEFT_OUT | _NOT_OURS
        and not _ANYWHERE.intersection(parts)
        and not _LEFT_OUT_FILES.fullmatch(module)
    )
