"""The files of an interpreter's prefix that belong in a layer."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["belongs", "bytecode_of", "source_of"]

# Big, and for the development of CPython itself or for a desktop; applications in an image do not import them.
_LEFT_OUT: Final = frozenset({"idlelib", "pydoc_data", "tkinter", "turtle.py", "turtledemo"})
# Installed distributions are not part of the interpreter; ensurepip can install pip where it is needed.
_NOT_OURS: Final = frozenset(
    {"site-packages", "dist-packages", "sitecustomize.py", "usercustomize.py", "EXTERNALLY-MANAGED"}
)
_ANYWHERE: Final = frozenset({"__pycache__", "test", "tests"})
# python-config.py is for platforms whose python3-config is not a shell script.
_LEFT_OUT_FILES: Final = re.compile(
    r"config-[^/]*/(?:.*\.[ao]|python-config\.py)|lib-dynload/(?:_tkinter|_test|_ctypes_test|_xxtestfuzz|xx)[^/]*|.*\.pyc"
)


def belongs(path: str, minor: str) -> bool:
    """Return whether the file at *path* (relative to the prefix of a CPython *minor*) goes into the layer.

    A prefix may be shared: ``/usr/local`` with everything that was ever installed there, including other minor
    versions of Python. ``ensurepip`` and its bundled wheels belong; pip itself and all scripts do not. Bytecode is
    another question.
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


def bytecode_of(source: str, minor: str) -> str:
    """Return the path where a CPython *minor* looks for the bytecode of *source* (PEP 3147)."""
    folder, slash, name = source.rpartition("/")
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}{_ending(minor)}"


def source_of(path: str, minor: str) -> str:
    """Return the path of the source that has its bytecode at *path*; empty if *path* is something else."""
    folder, cache, name = path.rpartition("/__pycache__/")
    return (
        f"{folder}/{name.removesuffix(_ending(minor))}.py" if cache and name.endswith(_ending(minor)) else ""
    )


def _ending(minor: str) -> str:
    return f".cpython-{minor.replace('.', '')}.pyc"
