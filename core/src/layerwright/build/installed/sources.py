"""What is in a site-packages directory, and the sources of distributions that have no bytecode yet."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.installed.dist_info import label_of, record_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

__all__ = ["CACHE", "Listing", "Sources", "bytecode_of", "list_files", "uncompiled"]

CACHE: Final = "__pycache__"
"""The directory with the bytecode of the sources beside it (PEP 3147)."""

_SOURCE: Final = ".py"


class Listing(NamedTuple):
    """The names of sources, of everything in directories of bytecode, and of symbolic links, relative to site-packages.

    Links are not followed. A source whose directory of bytecode is none, but a link, is left out.
    """

    sources: frozenset[str]
    bytecode: frozenset[str]
    links: tuple[str, ...]


class Sources(NamedTuple):
    """The sources of a distribution: its name and version, and their names, relative to site-packages, sorted."""

    label: str
    names: tuple[str, ...]


def list_files(tree: Tree, place: str = "") -> Listing:
    """Return what is in the directory *place* of *tree*, site-packages, which has a slash at the end."""
    sources: set[str] = set()
    bytecode: set[str] = set()
    links: list[str] = []
    pending = [""]
    while pending:
        folder = pending.pop()
        is_cache = folder.endswith(f"{CACHE}/")
        here, elsewhere = [], False
        for entry, status in tree.folders[place + folder].items():
            name = folder + entry
            if stat.S_ISDIR(status.st_mode):
                pending.append(f"{name}/")
            elif stat.S_ISLNK(status.st_mode):
                links.append(name)
                elsewhere |= entry == CACHE
            elif name.endswith(_SOURCE) and not is_cache and stat.S_ISREG(status.st_mode):
                here.append(name)
            if is_cache:
                bytecode.add(name)
        if not elsewhere:
            sources.update(here)
    return Listing(frozenset(sources), frozenset(bytecode), tuple(links))


def uncompiled(listing: Listing, site_packages: Path, suffix: str) -> tuple[Sources, ...]:
    """Return the sources of each distribution in *site_packages* that has sources, but no bytecode at all.

    *suffix* is that of bytecode, such as ``.cpython-313.pyc``. A distribution with bytecode is left out: nothing tells
    who has compiled it. So is one that was built from a local directory, which few environments have in common.
    """
    sources = listing.sources
    missing = {name for name in sources if bytecode_of(name, suffix) not in listing.bytecode}
    found = []
    for record in record_files(site_packages) if missing else ():
        names = _all_among(missing, (name for name in _recorded(record) if name in sources))
        if names and not _is_local(record.with_name("direct_url.json")):
            missing -= names
            label = label_of(record.parent)
            found.append(Sources(label, tuple(sorted(names))))
    return tuple(found)


def bytecode_of(source: str, suffix: str) -> str:
    """Return the path of the bytecode with *suffix* of the *source*."""
    folder, _, name = source.rpartition("/")
    return f"{folder}{'/' if folder else ''}{CACHE}/{name.removesuffix(_SOURCE)}{suffix}"


def _all_among(missing: Collection[str], names: Iterable[str]) -> set[str]:
    """Return *names* if all of them are *missing*, and else none; after an update, the first one tells."""
    found = set()
    for name in names:
        if name not in missing:
            return set()
        found.add(name)
    return found


def _recorded(record: Path) -> Iterator[str]:
    """Yield the names of sources in *record*, except those with a comma or a quote, which hardly any wheel has.

    It only decides which sources are looked up together, so whatever it says is harmless.
    """
    with record.open("rb") as lines:
        for line in lines:
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
