"""The directory of a bundle while it is fetched: what is unfinished is apart, and the manifest comes last."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layerwright.build.fetch.bundle import ARCHIVES, CACHE, INDEX, MANIFEST, PYTHON
from layerwright.errors import UserError
from layerwright.files.atomic import sync_directory, sync_file_system
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Place"]

_UNFINISHED: Final = ".unfinished"
_OURS: Final = frozenset({ARCHIVES, CACHE, INDEX, MANIFEST, PYTHON, _UNFINISHED})


@dataclass(frozen=True)
class Place:
    """The directory *into* of a bundle."""

    into: Path

    @property
    def scratch(self) -> Path:
        """The directory for layers and caches, which another run after an interruption continues with."""
        return self.into / _UNFINISHED

    @property
    def staged(self) -> Path:
        """The bundle before it is proved."""
        return self.scratch / "bundle"

    @contextmanager
    def prepared(self, tree: Path) -> Iterator[None]:
        """Prepare the directory. After an error, remove what this created, unless it has downloads to continue with."""
        new = [path for path in (self.into, *self.into.parents) if not path.exists()]
        self.prepare(tree)
        try:
            yield
        except BaseException:
            self._remove(self.staged)
            if any(path.lstat().st_size for path in self.scratch.rglob("*") if not path.is_dir()):
                # A complete bundle has no other files.
                self.begin()
            else:
                self._remove(self.scratch)
                # Something else may have put a file there meanwhile.
                with suppress(OSError):
                    for path in new:
                        path.rmdir()
            raise

    def prepare(self, tree: Path) -> None:
        """Create the directory; ``UserError``: it is for something else.

        *tree* is the source tree of the application.
        """
        into = self.into
        if into == tree or tree in into.parents:
            raise _unusable(into, "It is in the application, which would then contain the bundle.")
        if os.path.lexists(into) and not into.is_dir():
            raise _unusable(into, "It is not a directory.")
        others = sorted({path.name for path in into.iterdir()} - _OURS) if into.is_dir() else []
        if others:
            raise _unusable(into, f"It has other files: {', '.join(others[:5])}.")
        # It may hold pages of an index with credentials in them.
        self.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove(self.staged)
        for name in (ARCHIVES, PYTHON):
            (self.staged / name).mkdir(parents=True)

    def begin(self) -> None:
        """Make an earlier bundle incomplete."""
        (self.into / MANIFEST).unlink(missing_ok=True)

    def complete(self) -> None:
        """Move the staged bundle into place, the manifest last, and remove everything else."""
        staged = sorted(self.staged.iterdir(), key=lambda path: path.name == MANIFEST)
        for name in _OURS - {path.name for path in staged} - {_UNFINISHED}:
            self._remove(self.into / name)
        for path in staged:
            self._remove(self.into / path.name)
            if path.name == MANIFEST:
                # After a power cut, a manifest means that the files before it are there.
                sync_file_system(self.into)
            path.rename(self.into / path.name)
        self._remove(self.scratch)
        sync_directory(self.into)

    @staticmethod
    def _remove(path: Path) -> None:
        if os.path.lexists(path):
            remove_tree(path)


def _unusable(into: Path, cause: str) -> UserError:
    return UserError(
        f"{into} cannot be the directory of a bundle.",
        cause=cause,
        remedy="Pass another directory with --into: a new one, an empty one, or one with an earlier bundle.",
        reference="bundle-place",
    )
