"""The Python sources of installed distributions that have no bytecode yet."""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH118

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.installed.dist_info import DIST_INFO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["CACHE", "Sources", "bytecode_of", "uncompiled"]

CACHE: Final = "__pycache__"
"""The directory with the bytecode of the sources beside it (PEP 3147)."""

_SOURCE: Final = ".py"


class Sources(NamedTuple):
    """The sources of a distribution: its name and version, and their names, relative to site-packages, sorted."""

    label: str
    names: tuple[str, ...]


def uncompiled(site_packages: Path, suffix: str) -> tuple[Sources, ...]:
    """Return the sources of each distribution in *site_packages* that has sources, but no bytecode at all.

    *suffix* is that of bytecode, such as ``.cpython-313.pyc``. A distribution with bytecode is left out: nothing tells
    who has compiled it. So is one that was built from a local directory, which few environments have in common.
    Symbolic links are not followed: sources that are links, or whose directory of bytecode is one, are left out.
    """
    sources, compiled = _walked(os.fspath(site_packages))
    missing = {name for name in sources if bytecode_of(name, suffix) not in compiled}
    if not missing:
        return ()
    found = []
    for record in sorted(site_packages.glob(f"*{DIST_INFO}/RECORD")):
        names = {name for name in _recorded(record) if name in sources}
        if names and names <= missing and not _is_local(record.with_name("direct_url.json")):
            missing -= names
            label = record.parent.name.removesuffix(DIST_INFO).replace("-", " ", 1)
            found.append(Sources(label, tuple(sorted(names))))
    return tuple(found)


def bytecode_of(source: str, suffix: str) -> str:
    """Return the path of the bytecode with *suffix* of the *source*."""
    folder, _, name = source.rpartition("/")
    return f"{folder}{'/' if folder else ''}{CACHE}/{name.removesuffix(_SOURCE)}{suffix}"


def _walked(root: str) -> tuple[set[str], set[str]]:
    """Return the names of the sources below *root*, and of everything that is in directories of bytecode."""
    sources: set[str] = set()
    compiled: set[str] = set()
    pending = [""]
    while pending:
        folder = pending.pop()
        here, elsewhere = [], False
        with os.scandir(os.path.join(root, folder)) as entries:
            for entry in entries:
                name = folder + entry.name
                if folder.endswith(f"{CACHE}/"):
                    compiled.add(name)
                elif entry.is_dir(follow_symlinks=False):
                    pending.append(f"{name}/")
                elif entry.name == CACHE:
                    elsewhere = True
                elif name.endswith(_SOURCE) and entry.is_file(follow_symlinks=False):
                    here.append(name)
        if not elsewhere:
            sources.update(here)
    return sources, compiled


def _recorded(record: Path) -> Iterator[str]:
    """Yield the names of sources in *record*, except those with a comma or a quote, which hardly any wheel has.

    It only decides which sources are looked up together, so whatever it says is harmless.
    """
    for line in record.read_bytes().splitlines():
        name, _, _ = line.partition(b",")
        if name.endswith(b".py"):
            yield os.fsdecode(name)


def _is_local(direct_url: Path) -> bool:
    """Return whether *direct_url* (PEP 610) says that the distribution was built from a local directory."""
    try:
        content: Any = json.loads(direct_url.read_bytes())
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return not isinstance(content, dict) or "dir_info" in content
