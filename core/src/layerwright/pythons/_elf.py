"""Reads the search paths for shared libraries in a 64-bit ELF file, and rewrites them in place.

Nothing else of the format is understood: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MAGIC", "Dynamic", "ElfError", "SearchPath", "read_dynamic", "write_search_path"]

MAGIC: Final = b"\x7fELF"
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_RPATH, _DT_RUNPATH = 1, 5, 10, 15, 29


class ElfError(ValueError):
    """The file is not a supported ELF file, or the new value does not fit."""


@dataclass(frozen=True, kw_only=True)
class SearchPath:
    """The value of an ``RPATH`` or ``RUNPATH`` tag, and its offset in the file."""

    offset: int
    value: str


@dataclass(frozen=True, kw_only=True)
class Dynamic:
    """The libraries that the dynamic section needs, and where to search for them."""

    needed: tuple[str, ...] = ()
    search_paths: tuple[SearchPath, ...] = ()


def read_dynamic(path: Path) -> Dynamic:
    """Return the dynamic section of the ELF file at *path*; empty if it is statically linked.

    ``ElfError``: the file is not a well-formed 64-bit little-endian ELF file.
    """
    data = path.read_bytes()
    if data[:6] != MAGIC + b"\x02\x01":
        raise ElfError("it is not a 64-bit little-endian ELF file")
    try:
        return _dynamic(data)
    except (struct.error, ValueError) as error:
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


def _dynamic(data: bytes) -> Dynamic:
    (table_offset,) = struct.unpack_from("<Q", data, 32)
    entry_size, entry_count = struct.unpack_from("<HH", data, 54)
    loads: list[tuple[int, int, int]] = []
    tags: list[tuple[int, int]] = []
    for index in range(entry_count):
        kind, _flags, offset, address, _physical, size = struct.unpack_from(
            "<IIQQQQ", data, table_offset + index * entry_size
        )
        if kind == _PT_LOAD:
            loads.append((address, offset, size))
        elif kind == _PT_DYNAMIC:
            tags = list(_tags(data, offset, size))
    values = dict(tags)
    if _DT_STRTAB not in values:
        return Dynamic()
    start = _file_offset(values[_DT_STRTAB], loads)
    end = start + values[_DT_STRSZ] if _DT_STRSZ in values else len(data)

    def string(offset: int) -> str:
        return data[start + offset : data.index(b"\0", start + offset, end)].decode()

    return Dynamic(
        needed=tuple(string(value) for tag, value in tags if tag == _DT_NEEDED),
        search_paths=tuple(
            SearchPath(offset=start + value, value=string(value))
            for tag, value in tags
            if tag in (_DT_RPATH, _DT_RUNPATH)
        ),
    )


def _tags(data: bytes, offset: int, size: int) -> Iterator[tuple[int, int]]:
    for position in range(offset, offset + size, 16):
        tag, value = struct.unpack_from("<qQ", data, position)
        if tag == 0:
            return
        yield tag, value


def _file_offset(address: int, loads: list[tuple[int, int, int]]) -> int:
    for start, offset, size in loads:
        if start <= address < start + size:
            return offset + address - start
    raise ValueError("an address outside the file")
