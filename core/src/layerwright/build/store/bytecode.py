"""The store of bytecode: what was compiled for one environment is linked into the next with the same sources.

An entry has the bytecode of one distribution. It is found by the content of the sources, never by what a wheel says
about itself, so no wheel decides what another one runs. Whatever is wrong with an entry or with the store, the sources
are compiled as if there were no store.
"""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH102, PTH108, PTH118, PTH120, PTH123

from __future__ import annotations

import contextlib
import os
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.installed.sources import bytecode_of, uncompiled
from layerwright.build.store._entries import draft_in, remove_entry, sweep
from layerwright.build.store._linking import Linking
from layerwright.build.store._place import why_not_usable
from layerwright.build.store._sealed import contents_of, is_altered, read_sealed, write_sealed
from layerwright.files.atomic import sync_file_system
from layerwright.files.digests import of_file
from layerwright.pythons.bytecode import compiler

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.installed.sources import Listing, Sources
    from layerwright.build.store._sealed import Sealed
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["PLACE", "BytecodeStore", "Linked"]

PLACE: Final = "bytecode"
"""The directory of the entries in a store of layers."""

_FORMAT: Final = "1"


class Linked(NamedTuple):
    """What was taken from the store: the sources that have bytecode now, by their paths.

    ``altered`` are the distributions whose stored bytecode had been changed or damaged, each with its version.
    """

    sources: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()


class BytecodeStore:
    """The bytecode for *interpreter* in the store of layers at *path*.

    Its files are the same files as in the environments, by reflink or hard link where the file system offers that.
    An environment is filled in three steps: :meth:`take`, compile the rest, :meth:`offer`.
    """

    def __init__(self, path: Path, interpreter: Interpreter) -> None:
        self._is_usable: Final = not why_not_usable(path)
        self._path: Final = path / PLACE
        self._interpreter: Final = interpreter
        self._suffix: Final = f".cpython-{interpreter.minor.replace('.', '')}.pyc"
        self._new: Final[list[tuple[str, Sources]]] = []

    def take(self, listing: Listing, site_packages: Path, *, afresh: bool = False) -> Linked:
        """Link bytecode for distributions in *site_packages* that have none; with *afresh*, for none of them.

        *listing* is what *site_packages* contains. An entry that was changed is removed.
        """
        self._new.clear()
        if not self._is_usable:
            return Linked()
        compiled: list[str] = []
        altered: list[str] = []
        link = Linking()
        for sources in uncompiled(listing, site_packages, self._suffix):
            try:
                name = self._name(site_packages, sources)
                sealed = None if afresh else self._intact(name, sources, altered)
            except OSError:
                # A source that cannot be read: compiling says more.
                continue
            if sealed is not None and self._link(self._path / name, sources, sealed, site_packages, link):
                compiled += (os.path.join(site_packages, sources.names[number]) for number in sealed.numbers)
            else:
                self._new.append((name, sources))
        return Linked(tuple(compiled), tuple(altered))

    def offer(self, site_packages: Path) -> None:
        """Store the bytecode that was compiled in *site_packages* since :meth:`take`."""
        if not self._new:
            return
        drafts: dict[Path, Path] = {}
        link = Linking()
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            sweep(self._path)
            for name, sources in self._new:
                draft = draft_in(self._path)
                drafts[draft] = self._path / name
                self._draft(draft, sources, site_packages, link)
            if link.copied:
                # The originals are synced with the layer.
                sync_file_system(self._path)
            for draft, entry in drafts.items():
                remove_entry(entry)
                # If another build has stored it meanwhile, this fails.
                with contextlib.suppress(OSError):
                    draft.rename(entry)
        except OSError:
            # It is full or write-protected.
            pass
        for draft in drafts:
            with contextlib.suppress(OSError):
                remove_entry(draft)

    @cached_property
    def _compiler(self) -> bytes:
        """What determines bytecode beside the sources: the interpreter's own code, and what calls it."""
        total = sha256(f"{_FORMAT}\0{self._suffix}\0{compiler()}\0".encode())
        libraries = (self._interpreter.prefix / "lib").glob("libpython*.so.*")
        for path in sorted({self._interpreter.executable, *libraries}):
            total.update(of_file(path.resolve()).digest())
        return total.digest()

    def _name(self, site_packages: Path, sources: Sources) -> str:
        """Return the name of the entry for *sources*: another one for other names or contents."""
        total = sha256(self._compiler)
        for name in sources.names:
            with open(f"{site_packages}/{name}", "rb") as file:
                content = file.read()
            total.update(b"%s\0%d\0" % (os.fsencode(name), len(content)))
            total.update(content)
        return total.hexdigest()[:40]

    def _intact(self, name: str, sources: Sources, altered: list[str]) -> Sealed | None:
        """Return the entry *name* if it is as it was written, else remove it, and add its *sources* to *altered*."""
        entry = self._path / name
        sealed = read_sealed(entry)
        if sealed is not None and not is_altered(entry, sealed):
            return sealed
        if os.path.lexists(entry):
            altered.append(sources.label)
            with contextlib.suppress(OSError):
                remove_entry(entry)
        return None

    def _link(
        self, entry: Path, sources: Sources, sealed: Sealed, site_packages: Path, link: Linking
    ) -> bool:
        """Link the bytecode in *entry* beside *sources*; return whether all of it is there, otherwise none is."""
        made: list[str] = []
        contents = contents_of(entry)
        paths = {n: f"{site_packages}/{bytecode_of(sources.names[n], self._suffix)}" for n in sealed.numbers}
        try:
            for folder in {os.path.dirname(path) for path in paths.values()}:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(folder)
            for number, target in paths.items():
                made.append(target)
                link(f"{contents}/{number}", target)
        except OSError:
            # It is being removed, or the disk is full.
            for target in made:
                with contextlib.suppress(OSError):
                    os.unlink(target)
            return False
        with contextlib.suppress(OSError):
            # The time of the last use.
            os.utime(entry)
        return True

    def _draft(self, draft: Path, sources: Sources, site_packages: Path, link: Linking) -> None:
        contents = contents_of(draft)
        contents.mkdir(mode=0o700, parents=True)
        numbers = []
        for number, name in enumerate(sources.names):
            # Without bytecode, it does not compile.
            with contextlib.suppress(FileNotFoundError):
                link(os.path.join(site_packages, bytecode_of(name, self._suffix)), f"{contents}/{number}")
                numbers.append(number)
        write_sealed(draft, label=sources.label, python=self._interpreter.version, numbers=numbers)
