"""Moves files that builds leave in a local directory out of it, for every build backend.

Package managers build a directory in place, and a backend may write any files there: ``_skbuild``, the C files of
Cython, extension modules next to their source. Building a copy would give another result: editable installations,
lock files and ``direct_url.json`` contain the path that was built. So files that are new afterwards are moved away.
They are not deleted, because the user may have created them meanwhile.
"""

# Names come from a walk, tens of thousands of them: plain strings are faster than paths.
# ruff: noqa: PTH118, PTH119, PTH120

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import editable_from
from layerwright.files import bounded
from layerwright.files.digests import LEFTOVERS
from layerwright.files.removal import remove_tree
from layerwright.output.words import some_words
from layerwright.process.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from layerwright.files.project import Project
    from layerwright.output.log import Log

__all__ = ["left_as_found"]

# Descriptors stay open on the way down, and a process may have a thousand.
_DEEP: Final = 100
_SHOWN: Final = 5
_BUILT_BY: Final = ("pyproject.toml", "setup.py")


@contextmanager
def left_as_found(
    project: Project, *, layers: Path, site_packages: Path, place: Path, log: Log
) -> Iterator[None]:
    """Move files that are new afterwards in the local directories of *project* to *place*, and log them.

    Version control, caches and *layers*, the layers directory, are skipped. Files in a directory that is installed as
    editable in *site_packages* stay, because they are imported from there; so do the files into which a build is
    configured to write the version. Links are not followed. Files that were moved to *place* earlier are removed only
    when there are new ones to move: the user may not have looked at them yet.
    """
    built = {os.path.realpath(d) for d in project.directories if any((d / n).exists() for n in _BUILT_BY)}
    skipped = {os.path.realpath(layers)}
    tops = sorted(d for d in built if not any(_is_within(d, other) for other in built - {d}))
    before = {parent: names for top in tops for parent, _, names, _ in _walked(top, skipped)}
    try:
        yield
    finally:
        stays = {os.path.join(os.path.realpath(file.parent), file.name) for file in project.generated}
        owners = _owners(built, site_packages)
        mover = _Mover(os.path.realpath(project.root), place)
        for top in tops:
            _move_new(top, before, skipped | stays, owners, mover)
        mover.tell(log)


def _move_new(
    top: str, before: Mapping[str, set[str]], stays: set[str], owners: Mapping[str, bool], mover: _Mover
) -> None:
    for parent, directories, names, descriptor in _walked(top, stays):
        if parent not in before:
            # It could not be listed before, or was not a directory.
            directories.clear()
            continue
        new = names - before[parent]
        directories[:] = [name for name in directories if name not in new]
        if new and not _is_editable(parent, owners):
            for name in sorted(new):
                mover.move(parent, name, descriptor)


def _walked(top: str, skipped: set[str]) -> Iterator[tuple[str, list[str], set[str], int]]:
    """Yield each directory at and below *top*: its subdirectories to visit, all its names, its descriptor."""
    with suppress(OSError):
        for parent, directories, files, descriptor in os.fwalk(top):
            is_deep = parent.count(os.sep) - top.count(os.sep) >= _DEEP
            not_here = {os.path.basename(path) for path in skipped if os.path.dirname(path) == parent}
            names = {*directories, *files} - LEFTOVERS - not_here
            directories[:] = () if is_deep else names.intersection(directories)
            yield parent, directories, names, descriptor


def _owners(built: Iterable[str], site_packages: Path) -> dict[str, bool]:
    """Return the directories that distributions are installed from, and whether each is editable."""
    owners = dict.fromkeys(built, False)
    owners |= {os.path.realpath(d): True for d in editable_from(site_packages)}
    for line in _path_lines(site_packages):
        owner = _owner(os.path.realpath(line), owners)
        if owner is not None:
            owners[owner] = True
    return owners


def _path_lines(site_packages: Path) -> Iterator[str]:
    for file in sorted(site_packages.glob("*.pth")):
        with suppress(OSError):
            text = bounded.read(file).decode(errors="surrogateescape")
            lines = (line.rstrip() for line in text.split("\n"))
            # As the interpreter reads them: https://docs.python.org/3/library/site.html
            yield from (
                os.path.join(site_packages, line)
                for line in lines
                if line and "\0" not in line and not line.startswith(("#", "import ", "import\t"))
            )


def _is_editable(directory: str, owners: Mapping[str, bool]) -> bool:
    owner = _owner(directory, owners)
    return owner is not None and owners[owner]


def _owner(path: str, owners: Iterable[str]) -> str | None:
    """Return the innermost of *owners* that contains *path*."""
    return max((owner for owner in owners if _is_within(path, owner)), key=len, default=None)


def _is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip(os.sep)}{os.sep}")


class _Mover:
    """Moves entries to *place*; names are shown relative to *root*."""

    def __init__(self, root: str, place: Path) -> None:
        self._root: Final = root
        self._place: Final = place
        self._moved: Final[list[str]] = []
        self._left: Final[dict[str, str]] = {}
        self._is_ready = False

    def move(self, parent: str, name: str, descriptor: int) -> None:
        """Move *name* out of the directory *parent*, whose descriptor is *descriptor*."""
        path = os.path.join(parent, name)
        is_inside = _is_within(path, self._root)
        shown = os.path.relpath(path, self._root) if is_inside else path
        target = self._place / ("application" if is_inside else "elsewhere") / shown.lstrip(os.sep)
        try:
            self._make_ready()
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.rename(name, target, src_dir_fd=descriptor)
            except OSError:
                # Another file system, as on most container platforms, or a directory without write permission.
                _copy_and_remove(Path(f"/proc/self/fd/{descriptor}", name), target)
        except OSError as error:
            self._left[shown] = error.strerror or "Not all of it can be copied"
        else:
            self._moved.append(shown)

    def _make_ready(self) -> None:
        if self._is_ready:
            return
        if os.path.lexists(self._place):
            remove_tree(self._place)
        # Files that only their owner could read stay so.
        self._place.mkdir(mode=0o700, parents=True)
        self._is_ready = True

    def tell(self, log: Log) -> None:
        """Log which entries were moved, and which could not be."""
        if self._moved:
            log.note(f"Builds left {_listed(self._moved)}: moved to {self._place}.")
        if self._left:
            reasons = ", ".join(sorted(set(self._left.values())))
            log.warning(
                f"Builds left {_listed([*self._left])}, which cannot be moved: {reasons}.\n"
                "Remove them, or the next build treats them as a change to the application."
            )


def _listed(names: list[str]) -> str:
    return some_words([*map(visible, names)], _SHOWN)


def _copy_and_remove(source: Path, target: Path) -> None:
    """Copy *source* to *target*, which does not exist, and remove it; if that fails, leave it."""
    import shutil

    try:
        if stat.S_ISDIR(source.lstat().st_mode):
            shutil.copytree(source, target, symlinks=True, copy_function=_copy_file)
        else:
            _copy_file(os.fspath(source), os.fspath(target))
    except OSError:
        if os.path.lexists(target):
            remove_tree(target)
        raise
    remove_tree(source)


def _copy_file(source: str, target: str) -> None:
    import shutil

    # Not a device, which can be endless, or a pipe, which may never have data.
    if stat.S_IFMT(os.lstat(source).st_mode) not in (stat.S_IFREG, stat.S_IFLNK):
        raise OSError(0, "It is neither a file nor a directory")
    shutil.copy2(source, target, follow_symlinks=False)
