"""The state of a repository from which a version can be derived: the commit, the tags and the tracked files.

It is read from the repository's files, because a build with nothing changed starts no process. Git's files are
described in https://git-scm.com/docs/gitrepository-layout and https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["state_of", "tracks", "version_is_elsewhere"]

# setuptools-scm, hatch-vcs, poetry-dynamic-versioning, versioningit, versioneer, pbr and similar.
_BY_NAME: Final = re.compile(r"(?i)[-_.]scm|vcs|versioning|versioneer|^pbr\b|\bgit")
_BY_FILES: Final = frozenset({"flit_core.buildapi", "maturin", "poetry.core.masonry.api", "uv_build"})
_WRITTEN: Final = (
    (("tool", "setuptools_scm"), "version_file"),
    (("tool", "setuptools_scm"), "write_to"),
    (("tool", "hatch", "build", "hooks", "vcs"), "version-file"),
)
_REFERENCE: Final = re.compile(rb"ref: (refs/\S+)\s*")
_INDEX_HEAD: Final = struct.Struct(">4sLL")
# Skips times, device, inode and owner, which differ between two checkouts; then follow mode, owner, size and name.
_ENTRY: Final = struct.Struct(">24xL12x20sH")
_EXTENDED: Final = 0x4000


def state_of(directory: Path) -> bytes:
    """Return a digest of the commit, the tags and the tracked files of the repository that contains *directory*.

    It is empty without a repository. A file of the repository that cannot be read counts as absent.
    """
    git = _git_directory(directory)
    mercurial = next((d for d in _upwards(directory) if (d / ".hg").is_dir()), None)
    if git is None and mercurial is None:
        return b""
    total = hashlib.sha256()
    for part in (*_git(git), *_mercurial(mercurial)):
        total.update(b"%d\0" % len(part) + part)
    return total.digest()


def version_is_elsewhere(pyproject: Mapping[str, Any], *, has_setup: bool) -> bool:
    """Return whether a build backend may read a version, or a list of files, from outside a project's files.

    *pyproject* is its ``pyproject.toml``; *has_setup*: it has a ``setup.py``. True for every backend that is not
    known to read only files, if no version is declared, and for every project that requires a backend named after
    version control.
    """
    build, project = _table(pyproject, "build-system"), _table(pyproject, "project")
    requires = build.get("requires")
    if isinstance(requires, list) and any(_BY_NAME.search(str(each)) for each in requires):
        return True
    if isinstance(project.get("version"), str) or isinstance(
        _table(pyproject, "tool", "poetry").get("version"), str
    ):
        return False
    backend = build.get("build-backend")
    if backend == "setuptools.build_meta":
        return has_setup or "version" not in _table(pyproject, "tool", "setuptools", "dynamic")
    if backend == "hatchling.build":
        return "path" not in _table(pyproject, "tool", "hatch", "version")
    if backend == "pdm.backend":
        return _table(pyproject, "tool", "pdm", "version").get("source") != "file"
    return backend not in _BY_FILES


def tracks(path: Path) -> bool | None:
    """Return whether Git tracks the file *path*; ``None`` if unknown, for example without a repository."""
    git = _git_directory(path.parent)
    index = _read(git / "index") if git else b""
    root = next((each for each in _upwards(path.parent) if (each / ".git").exists()), None)
    if root is None or not index:
        return None
    return os.fsencode((path.parent.resolve() / path.name).relative_to(root)) + b"\0" in index


def generated_files(pyproject: Mapping[str, Any]) -> frozenset[str]:
    """Return the files, relative to the project, into which *pyproject* tells a build to write the version."""
    named = (_table(pyproject, *keys).get(name) for keys, name in _WRITTEN)
    return frozenset(os.path.normpath(each) for each in named if isinstance(each, str))


def _table(tree: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = tree.get(key)
        tree = value if isinstance(value, dict) else {}
    return tree


def _git(git: Path | None) -> Iterator[bytes]:
    if git is not None:
        yield _commit(git)
        yield from sorted(_tags(git))
        # The commits of a shallow clone decide which tag is found.
        yield _read(_common(git) / "shallow")
        yield _tracked(_read(git / "index"))


def _mercurial(root: Path | None) -> Iterator[bytes]:
    if root is not None:
        # The first twenty bytes are the parent; the times of files follow.
        yield _read(root / ".hg" / "dirstate")[:20]
        yield _read(root / ".hg" / "localtags")
        yield _read(root / ".hgtags")


def _upwards(directory: Path) -> tuple[Path, ...]:
    resolved = directory.resolve()
    return (resolved, *resolved.parents)


def _git_directory(directory: Path) -> Path | None:
    for each in _upwards(directory):
        if (each / ".git").is_dir():
            return each / ".git"
        pointer = _read(each / ".git")
        if pointer.startswith(b"gitdir:"):
            # A worktree, or a repository inside another one.
            return each / pointer.removeprefix(b"gitdir:").strip().decode(errors="surrogateescape")
    return None


def _common(git: Path) -> Path:
    """Return the Git directory that all worktrees share."""
    return git / (_read(git / "commondir").strip().decode(errors="surrogateescape") or ".")


def _commit(git: Path) -> bytes:
    head = _read(git / "HEAD")
    reference = _REFERENCE.fullmatch(head)
    if reference is None:
        return head.strip()
    name = reference[1].decode(errors="surrogateescape")
    for place in (git, _common(git)):
        found = _read(place / name).strip()
        if found:
            return found
    return dict(_packed(git)).get(reference[1], b"")


def _tags(git: Path) -> Iterator[bytes]:
    tags = {name: commit for name, commit in _packed(git) if name.startswith(b"refs/tags/")}
    directory = _common(git) / "refs" / "tags"
    for path in directory.rglob("*"):
        if path.is_file():
            tags[b"refs/tags/" + str(path.relative_to(directory)).encode(errors="surrogateescape")] = _read(
                path
            ).strip()
    yield from (name.removeprefix(b"refs/tags/") + b" " + commit for name, commit in tags.items())
    # With the reftable format, these names change with the references.
    yield from filter(None, [_read(_common(git) / "reftable" / "tables.list")])


def _packed(git: Path) -> Iterator[tuple[bytes, bytes]]:
    for line in _read(_common(git) / "packed-refs").splitlines():
        commit, _, name = line.partition(b" ")
        if name and not line.startswith((b"#", b"^")):
            yield name.strip(), commit


def _tracked(index: bytes) -> bytes:
    """Return the modes, contents and names of the entries of *index*; all of *index* if they cannot be read."""
    try:
        signature, version, count = _INDEX_HEAD.unpack_from(index)
        if signature != b"DIRC" or version not in (2, 3):
            return index
        entries, at = [], _INDEX_HEAD.size
        for _ in range(count):
            mode, content, flags = _ENTRY.unpack_from(index, at)
            start = at + _ENTRY.size + (2 if flags & _EXTENDED else 0)
            end = index.index(b"\0", start)
            entries.append(b"%o %s %s" % (mode, content.hex().encode(), index[start:end]))
            # Padded with one to eight zeros, to a multiple of eight bytes.
            at += (end - at + 8) & ~7
    except (struct.error, ValueError):
        return index
    return b"\0".join(entries)


def _read(path: Path) -> bytes:
    with suppress(OSError, ValueError):
        return bounded.read(path)
    return b""
