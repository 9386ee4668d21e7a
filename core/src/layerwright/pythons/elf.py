"""Reads what a dynamic loader reads of an ELF file, and rewrites its search paths in place.

Nothing else of the format is understood: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html
A library that understands all of it would be one more dependency of core, for this one module.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files import bounded
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MAGIC", "Dynamic", "ElfError", "SearchPath", "machine_of", "read_dynamic", "write_search_path"]

MAGIC: Final = b"\x7fELF"
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 1, 5, 10, 14, 15, 29
# The bytes that are read at most of the program headers, of the dynamic section, and of a string: many times what
# linkers write. Files of gigabytes are common, and a malformed one may claim anything.
_LARGEST_TABLE: Final = 64 * 1024
_LONGEST_STRING: Final = 4096
_HEADER_SIZE: Final = 64


class ElfError(ValueError):
    """The file is not a well-formed ELF file, or the new value does not fit."""


@frozen
class SearchPath:
    """The value of an ``RPATH`` or ``RUNPATH`` tag, and its offset in the file."""

    offset: int
    value: str


@frozen
class Dynamic:
    """The libraries that the dynamic section needs, where to search for them, and the name that it gives the file."""

    needed: tuple[str, ...] = ()
    search_paths: tuple[SearchPath, ...] = ()
    soname: str = ""


class _Format(NamedTuple):
    """The fields of one class of files, for ``struct``, without their byte order.

    ``fields`` are the positions of the type, the offset, the address and the size in a program header.
    """

    table: str
    table_at: int
    counts_at: int
    segment: str
    fields: tuple[int, int, int, int]
    tag: str


# By the bytes that name the class and the byte order.
_FORMATS: Final = {
    1: _Format("I", 28, 42, "IIIII", (0, 1, 2, 4), "iI"),
    2: _Format("Q", 32, 54, "IIQQQQ", (0, 2, 3, 5), "qQ"),
}
_ORDERS: Final = {1: "<", 2: ">"}


def machine_of(path: Path) -> bytes:
    """Return the bytes that say for which machines the ELF file at *path* is; empty if it is none, or unreadable.

    A process loads only files for which they are equal: the class, the byte order, and the architecture.
    """
    try:
        with bounded.opened(path) as file:
            return _machine(os.pread(file.fileno(), _HEADER_SIZE, 0))
    except OSError:
        return b""


def read_dynamic(path: Path) -> Dynamic:
    """Return the dynamic section of the ELF file at *path*; empty if it is statically linked.

    ``ElfError``: the file is not a well-formed ELF file. ``OSError``: it is no regular file, or cannot be read.
    """
    with bounded.opened(path) as file:
        descriptor = file.fileno()
        header = os.pread(descriptor, _HEADER_SIZE, 0)
        if not _machine(header):
            raise ElfError("it is not an ELF file")
        try:
            return _dynamic(descriptor, header)
        except (struct.error, ValueError, OverflowError) as error:
            raise ElfError("its ELF headers are malformed") from error


def write_search_path(path: Path, search_path: SearchPath, value: str) -> None:
    """Replace *search_path* with *value*; ``ElfError``: it is longer."""
    old, new = search_path.value.encode(), value.encode()
    if len(new) > len(old):
        raise ElfError(f"its search path {search_path.value} has no room for {value}")
    with path.open("r+b") as file:
        file.seek(search_path.offset)
        # Bytes of the old value may stay after the NUL: linkers let other names share the end of a string.
        file.write(new + b"\0" if len(new) < len(old) else new)


def _machine(header: bytes) -> bytes:
    known = header[:4] == MAGIC and len(header) >= 20 and header[4] in _FORMATS and header[5] in _ORDERS
    return header[4:6] + header[18:20] if known else b""


def _dynamic(descriptor: int, header: bytes) -> Dynamic:
    form, order = _FORMATS[header[4]], _ORDERS[header[5]]
    segment, tag = struct.Struct(order + form.segment), struct.Struct(order + form.tag)
    (table_at,) = struct.unpack_from(order + form.table, header, form.table_at)
    entry_size, entries = struct.unpack_from(f"{order}HH", header, form.counts_at)
    table = _read(descriptor, table_at, entry_size * entries)
    loads: list[tuple[int, int, int]] = []
    tags: list[tuple[int, int]] = []
    for index in range(entries):
        values = segment.unpack_from(table, index * entry_size)
        kind, offset, address, size = (values[field] for field in form.fields)
        if kind == _PT_LOAD:
            loads.append((address, offset, size))
        elif kind == _PT_DYNAMIC:
            tags = list(_tags(tag, _read(descriptor, offset, size)))
    found = dict(tags)
    if _DT_STRTAB not in found:
        return Dynamic()
    start = _file_offset(found[_DT_STRTAB], loads)
    size = found.get(_DT_STRSZ, os.fstat(descriptor).st_size)

    def string(offset: int) -> str:
        text = os.pread(descriptor, min(_LONGEST_STRING, max(0, size - offset)), start + offset)
        return text[: text.index(b"\0")].decode()

    return Dynamic(
        needed=tuple(string(value) for tag, value in tags if tag == _DT_NEEDED),
        search_paths=tuple(
            SearchPath(offset=start + value, value=string(value))
            for tag, value in tags
            if tag in (_DT_RPATH, _DT_RUNPATH)
        ),
        soname=string(found[_DT_SONAME]) if _DT_SONAME in found else "",
    )


def _read(descriptor: int, offset: int, size: int) -> bytes:
    if size > _LARGEST_TABLE:
        raise ValueError("more than any linker writes")
    return os.pread(descriptor, size, offset)


def _tags(entry: struct.Struct, section: bytes) -> Iterator[tuple[int, int]]:
    for position in range(0, len(section), entry.size):
        tag, value = entry.unpack_from(section, position)
        if tag == 0:
            return
        yield tag, value


def _file_offset(address: int, loads: list[tuple[int, int, int]]) -> int:
    for start, offset, size in loads:
        if start <= address < start + size:
            return offset + address - start
    raise ValueError("an address outside the file")
