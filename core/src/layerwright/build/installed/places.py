"""Refuses files that affect more than the application because of their location in a layer."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import files_outside
from layerwright.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["meaning", "meanings_in", "refuse_misplaced_files"]

# Buildpack API, "Layer Paths": how a platform or a launcher uses the entries of a layer.
_ROOTS: Final = {
    "exec.d": "a launcher runs it before every process",
    "profile.d": "a launcher runs it before every process",
    "env": "platforms set variables from it",
    "env.build": "platforms set variables from it",
    "env.launch": "platforms set variables from it",
    "pkgconfig": "later builds compile and link with it",
}
# Core itself writes the files in env, env.build and env.launch, and an update finds those of the last build.
_UNRECORDED: Final = ("exec.d", "profile.d", "pkgconfig")
# Files that Layerwright and `python -m venv` write.
_OWN: Final = frozenset({"archives.json", "lib64", "pyvenv.cfg", "resolved.json"})
_VENVS: Final = "the virtual environment has its own"
_OWN_SCRIPT: Final = re.compile(r"(?:python|𝜋thon)[\d.]*t?|activate(?:\.(?:csh|fish))?|Activate\.ps1")
# An interpreter looks for these files next to itself: https://docs.python.org/3/library/sys_path_init.html
_BESIDE_INTERPRETER: Final = re.compile(r"pyvenv\.cfg|pybuilddir\.txt|.*\._pth")
_SHELLS: Final = frozenset({"ash", "bash", "busybox", "dash", "env", "sh"})
# The C library, and the libraries of standard library modules: every program would load these from a directory of
# LD_LIBRARY_PATH. Other libraries are ordinary there: the wheels of MKL, for example, have some.
_LIBRARY: Final = re.compile(
    r"ld-[\w.-]+|lib(?:c|crypt|crypto|db|dl|expat|ffi|gcc_s|gdbm|lzma|m|mpdec|ncursesw?|nsl|nss_\w+|panelw?|pthread"
    r"|python[\d.]+t?|readline|resolv|rt|sqlite3|ssl|tinfow?|tirpc|util|uuid|z|zstd|bz2)(?:-[\d.]+)?\.so(?:\.\w+)*"
)
_HEADER: Final = re.compile(
    r"(?:Python|assert|ctype|errno|limits|math|pthread|signal|std\w+|string|time|unistd|wchar)\.h"
)


def meaning(path: str) -> str:
    """Return the effect of the file *path* of a layer, relative to its root, if distributions may not install it.

    Empty for ordinary files: scripts, data below ``share`` or ``etc``, headers, documentation.
    """
    first, *rest = PurePosixPath(path).parts
    name = PurePosixPath(path).name
    if first in _ROOTS:
        return _ROOTS[first]
    if not rest:
        return _VENVS if first in _OWN else ""
    if first == "bin" and len(rest) == 1:
        if name in _SHELLS:
            return "processes are started with the command of that name"
        if _OWN_SCRIPT.fullmatch(name):
            return _VENVS
        if _BESIDE_INTERPRETER.fullmatch(name):
            return "it decides what the interpreter imports"
    if first in ("lib", "lib64") and not rest[0].startswith("python") and _LIBRARY.fullmatch(name):
        return "every program would load it instead of the system's"
    if first == "include" and len(rest) == 1 and _HEADER.fullmatch(name):
        return "later builds would compile with it instead of the system's"
    return ""


def meanings_in(layer: Path) -> dict[str, str]:
    """Return the :func:`meaning` of each file that *layer*, which is no virtual environment, must not have."""
    found = {}
    for directory in (layer, *(layer / name for name in ("bin", "lib", "include"))):
        for entry in directory.iterdir() if directory.is_dir() else ():
            path = os.path.relpath(entry, layer)
            what = meaning(path)
            if what and what != _VENVS:
                found[path] = what
    return found


def refuse_misplaced_files(layer: Path) -> None:
    """Raise a ``UserError`` with each file in *layer* that has a :func:`meaning`, and its distribution.

    These are the files that distributions have installed outside a site-packages directory, according to their
    ``RECORD``, in the layer or in a virtual environment ``venv`` in it, and files at the root of the layer without
    any ``RECORD``.
    """
    found: dict[str, str] = {}
    for root in (layer, layer / "venv"):
        for site_packages in root.glob("lib/python*/site-packages"):
            for distribution, path in files_outside(site_packages):
                if meaning(os.path.relpath(path, root)):
                    found[os.path.relpath(path, layer)] = distribution
    for name in _UNRECORDED:
        if os.path.lexists(layer / name) and not any(path.startswith(f"{name}/") for path in found):
            found[name] = ""
    if not found:
        return
    who = " and ".join(sorted({distribution for distribution in found.values() if distribution}))
    raise UserError(
        f"{who or f'What was installed into the layer {layer.name}'} would affect more than the application.",
        cause="\n".join(
            f"{path}{f', of {distribution}' if distribution else ''}: {meaning(path.removeprefix('venv/'))}."
            for path, distribution in sorted(found.items())
        ),
        remedy=(
            "If you did not expect this, do not use the distribution, and find out where it comes from.",
            "Otherwise install a version without these files.",
        ),
        reference="misplaced-file",
    )
