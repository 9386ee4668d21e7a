"""Modules of the standard library that cannot be imported on a base image, because it lacks shared libraries.

An interpreter from an archive brings its libraries; a copy of this machine's expects those of the operating system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.notices.libraries import origin_words
from layerwright.contract.failures.debian import LIBRARIES
from layerwright.pythons.elf import ElfError, read_dynamic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["essential_rows", "lacking_modules", "modules_warning"]

# Hardly an application starts without: of packages for the web, each imports ssl.
_ESSENTIAL: Final = frozenset({"ssl", "zlib"})

# These are for a terminal, or no longer in Python: a warning about them in every image would hide the others.
_UNUSED: Final = frozenset({"curses", "curses_panel", "nis", "readline"})


def lacking_modules(layer: Path, is_there: Callable[[str], bool]) -> dict[str, list[str]]:
    """Return the libraries that are not there, each with the modules of the interpreter in *layer* that need it."""
    found: dict[str, list[str]] = {}
    for path in sorted(layer.glob("lib/python3.*/lib-dynload/*.so")):
        module = path.name.partition(".")[0].lstrip("_")
        try:
            needed = () if module in _UNUSED else read_dynamic(path).needed
        except (ElfError, OSError):
            continue
        for library in needed:
            if not is_there(library):
                found.setdefault(library, []).append(module)
    return found


def essential_rows(lacking: Mapping[str, list[str]]) -> list[str]:
    """Return a line for each library in *lacking* without which hardly an application starts."""
    return [
        f"  {library}, needed by Python's {', '.join(needed)}{origin_words(library)}"
        for library, modules in sorted(lacking.items())
        if (needed := sorted(_ESSENTIAL.intersection(modules)))
    ]


def modules_warning(name: str, lacking: Mapping[str, list[str]]) -> str:
    """Return the warning that the base image *name* lacks libraries, nothing if it lacks none."""
    if not lacking:
        return ""
    modules = sorted({module for modules in lacking.values() for module in modules})
    packages = sorted({LIBRARIES[library] for library in lacking if library in LIBRARIES})
    lines = [
        f"On {name} these modules of Python cannot be imported: {', '.join(modules)}.",
        f"They need shared libraries that it lacks: {', '.join(sorted(lacking))}.",
        'Python from an archive brings its own: python.provider = "standalone".',
    ]
    if packages:
        lines.append(f"Or install their Debian packages in an image of your own on it: {' '.join(packages)}.")
    return "\n".join(lines)
