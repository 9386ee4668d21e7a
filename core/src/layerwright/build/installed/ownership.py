"""The distribution that owns each file of a virtual environment, according to the ``RECORD`` files.

https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.installed.dist_info import DIST_INFO, record_files, records
from layerwright.files.digests import BUILD_DIRECTORY
from layerwright.files.trees.tree import is_folder
from layerwright.output.words import some_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

__all__ = ["Ownership", "look", "shared_words", "stamps", "why_not_fresh"]

# Version control records the URL of the clone, with credentials, and differs every time.
_BESIDE_THE_SOURCE: Final = frozenset({".git", ".hg", ".svn", ".bzr", BUILD_DIRECTORY})
_BYTECODE: Final = "__pycache__"
# Files of the venv module, of package managers at the top level, and of core.
_OF_ALL: Final = re.compile(
    r"pyvenv\.cfg|\.gitignore|\.lock|CACHEDIR\.TAG|lib64|env(\.build|\.launch)?/.*"
    r"|\.?(resolved|archives)\.json(\.tmp)?|bin/(python[\d.]*t?|𝜋thon|[Aa]ctivate[\w.]*)"
)
_FOLDERS_OF_ALL: Final = re.compile(r"(bin|include|lib)?(/python[\d.]+t?(/site-packages)?)?")


class Ownership(NamedTuple):
    """The contents of a virtual environment according to its ``RECORD`` files; paths are relative to it.

    ``lacking``: each distribution with missing files other than bytecode, as text. ``unrecorded``: files of no
    distribution. ``shared``: each file that two distributions have with different contents, with their ``.dist-info``
    directories. ``beside_the_source``: files of checkouts and builds that are not source, such as ``.git``.
    ``empty``: directories without files, inner ones first.
    """

    lacking: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = ()
    shared: tuple[tuple[str, str, str], ...] = ()
    beside_the_source: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


class _Found(NamedTuple):
    files: set[str]
    beside_the_source: list[str]
    empty: list[str]


def look(venv: Tree, site_packages: Path) -> Ownership:
    """Return the ownership of the files of *venv* by the distributions in *site_packages*."""
    root = os.path.realpath(venv.root)
    place = os.path.relpath(os.path.realpath(site_packages), root)
    owned: dict[str, tuple[str, str]] = {}
    others: list[tuple[str, str, str]] = []
    recorded = record_files(site_packages)
    for owner, name, digest in _owned(recorded, root, place):
        if owned.setdefault(name, (owner, digest)) != (owner, digest):
            others.append((name, owner, digest))
    found = _found(venv)
    # A name may contain a symbolic link.
    gone = {name for name in owned.keys() - found.files if not os.path.lexists(os.path.join(root, name))}
    own = tuple(f"{place}/{record.parent.name}/" for record in recorded)
    return Ownership(
        lacking=tuple(_lacking(gone, owned, others)),
        unrecorded=tuple(
            sorted(
                name
                for name in found.files - owned.keys()
                if not _OF_ALL.fullmatch(name) and not name.startswith(own)
            )
        ),
        shared=tuple(
            (name, owned[name][0], owner)
            for name, owner, digest in others
            if owned[name][0] != owner and not (digest and owned[name][1] == digest)
        ),
        beside_the_source=tuple(
            path
            for path in found.beside_the_source
            if path not in owned and not any(name.startswith(f"{path}/") for name in owned)
        ),
        empty=tuple(path for path in found.empty if not _FOLDERS_OF_ALL.fullmatch(path)),
    )


def stamps(site_packages: Path) -> dict[str, tuple[int, int, int]]:
    """Return a stamp for each ``.dist-info`` directory, which changes when the distribution is reinstalled."""
    found = {}
    for record in record_files(site_packages):
        status = record.stat()
        found[record.parent.name] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return found


def why_not_fresh(
    found: Ownership,
    before: Mapping[str, tuple[int, int, int]],
    after: Mapping[str, tuple[int, int, int]],
) -> str:
    """Return why an updated virtual environment may differ from a fresh one; empty if it does not.

    *before* and *after* are the stamps of its distributions. A shared file has the content of the owner that was
    installed last, and an update does not install all owners in order.
    """
    if found.unrecorded:
        return f"no distribution lists {some_words(found.unrecorded)}"
    if found.beside_the_source:
        return f"no distribution lists {some_words(found.beside_the_source)}"
    for name, *owners in found.shared:
        if any(before.get(owner) != after.get(owner) for owner in owners):
            return f"{_both(owners)} have {name}"
    return ""


def shared_words(found: Ownership) -> tuple[str, ...]:
    """Return, as text, the files that each two distributions have with different contents."""
    by_owners: dict[str, list[str]] = {}
    for name, *owners in found.shared:
        by_owners.setdefault(_both(owners), []).append(name)
    return tuple(f"{both} have {some_words(names)}" for both, names in by_owners.items())


def _both(owners: Iterable[str]) -> str:
    return f"{' and '.join(owner.removesuffix(DIST_INFO) for owner in owners)} both"


def _owned(recorded: Iterable[Path], root: str, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield the owner, the path and the digest of each *recorded* file, except bytecode."""
    for record in recorded:
        owner = record.parent.name
        for name, digest in records(record):
            if name.endswith(".pyc"):
                continue
            if "./" in name or name.startswith("/"):
                # The real path of a directory decides: lib64 is a link.
                folder, _, file = os.path.join(root, place, name).rpartition("/")
                yield owner, os.path.relpath(f"{os.path.realpath(folder)}/{file}", root), digest
            else:
                yield owner, f"{place}/{name}", digest


def _found(venv: Tree) -> _Found:
    found, hidden, holds = _Found(set(), [], []), set[str](), dict[str, bool]()
    for folder, entries in venv.folders.items():
        if folder in hidden:
            hidden.update(f"{folder}{name}/" for name, status in entries.items() if is_folder(status))
            continue
        holds[folder] = False
        for name, status in entries.items():
            if name in _BESIDE_THE_SOURCE:
                found.beside_the_source.append(folder + name)
                hidden.add(f"{folder}{name}/")
            elif not is_folder(status):
                found.files.add(folder + name)
            else:
                if name == _BYTECODE:
                    hidden.add(f"{folder}{name}/")
                continue
            holds[folder] = True
    # Inner ones first.
    for folder in reversed(holds):
        path = folder.rstrip("/")
        if holds[folder]:
            outer = path.rpartition("/")[0]
            holds[f"{outer}/" if outer else ""] = True
        else:
            found.empty.append(path)
    return found


def _lacking(
    gone: set[str], owned: Mapping[str, tuple[str, str]], others: list[tuple[str, str, str]]
) -> Iterator[str]:
    by_owner: dict[str, list[str]] = {}
    for name, owner in (*((name, owned[name][0]) for name in gone), *((n, o) for n, o, _ in others)):
        if name in gone:
            by_owner.setdefault(owner, []).append(name)
    for owner, names in sorted(by_owner.items()):
        yield f"{owner.removesuffix(DIST_INFO)} lacks {some_words(sorted(names))}"
