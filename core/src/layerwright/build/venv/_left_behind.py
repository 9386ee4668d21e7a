"""Takes what builds leave in a local directory out of it, whatever the build backend.

Package managers build a directory where it is, and a backend writes there what it likes: ``_skbuild``, the C of Cython,
extension modules beside their source. To build a copy would give another result: editable installations, lock files
and ``direct_url.json`` name the place that was built. So what is new afterwards is moved away. It is not deleted: it
may be a file that somebody has created meanwhile.
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
from layerwright.process.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from layerwright.output.log import Log
    from layerwright.project import Project

__all__ = ["left_as_found"]

# Descriptors are open on the way down, and a process may have a thousand.
_DEEP: Final = 100
_SHOWN: Final = 5
_BUILT_BY: Final = ("pyproject.toml", "setup.py")


@contextmanager
def left_as_found(
    project: Project, *, layers: Path, site_packages: Path, place: Path, log: Log
) -> Iterator[None]:
    """Move what is new afterwards in the directories of *project* that can be built to *place*, and tell *log*.

    Version control, caches and *layers*, which are the layers directory, are not looked at. What is in a directory
    that is installed as editable in *site_packages* stays, for it is imported from there; so do the files that a build
    is told to write the version into. Links are not followed. What was moved to *place* before is removed when there is
    something else to move, and not earlier: the user may not have looked at it yet.
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
            # It could not be listed then, or it was no directory.
            directories.clear()
            continue
        new = names - before[parent]
        directories[:] = [name for name in directories if name not in new]
        if new and not _is_editable(parent, owners):
            for name in sorted(new):
                mover.move(parent, name, descriptor)


def _walked(top: str, skipped: set[str]) -> Iterator[tuple[str, list[str], set[str], int]]:
    """Yield each directory at and below *top*, its directories to go on with, all names in it, its descriptor."""
    with suppress(OSError):
        for parent, directories, files, descriptor in os.fwalk(top):
            is_deep = parent.count(os.sep) - top.count(os.sep) >= _DEEP
            not_here = {os.path.basename(path) for path in skipped if os.path.dirname(path) == parent}
            names = {*directories, *files} - LEFTOVERS - not_here
            directories[:] = () if is_deep else names.intersection(directories)
            yield parent, directories, names, descriptor


def _owners(built: Iterable[str], site_packages: Path) -> dict[str, bool]:
    """Return the directories that are installed from, and whether each is imported from where it is."""
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
    """Return the innermost of *owners* that *path* is in."""
    return max((owner for owner in owners if _is_within(path, owner)), key=len, default=None)


def _is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip(os.sep)}{os.sep}")


class _Mover:
    """Moves to *place*; names are told relative to *root*."""

    def __init__(self, root: str, place: Path) -> None:
        self._root: Final = root
        self._place: Final = place
        self._moved: Final[list[str]] = []
        self._left: Final[dict[str, str]] = {}
        self._is_ready = False

    def move(self, parent: str, name: str, descriptor: int) -> None:
        """Move *name* out of the directory *parent*, which *descriptor* is of."""
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
                # On another file system, as on most container platforms, or a directory without write permission.
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
        # What its owner alone could read is for them alone.
        self._place.mkdir(mode=0o700, parents=True)
        self._is_ready = True

    def tell(self, log: Log) -> None:
        """Tell *log* what was moved, and what could not be."""
        if self._moved:
            log.note(f"Builds left {_listed(self._moved)}: moved to {self._place}.")
        if self._left:
            reasons = ", ".join(sorted(set(self._left.values())))
            log.warning(
                f"Builds left {_listed([*self._left])}, which cannot be moved: {reasons}.\n"
                "Remove them, or the next build treats them as a change to the application."
            )


def _listed(names: list[str]) -> str:
    shown = ", ".join(map(visible, names[:_SHOWN]))
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _copy_and_remove(source: Path, target: Path) -> None:
    """Copy the file or directory *source* to *target*, where nothing is, and remove it; if that fails, leave it."""
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

    # Not a device, which can be endless, or a pipe, which can be empty for ever.
    if stat.S_IFMT(os.lstat(source).st_mode) not in (stat.S_IFREG, stat.S_IFLNK):
        raise OSError(0, "It is neither a file nor a directory")
    shutil.copy2(source, target, follow_symlinks=False)
