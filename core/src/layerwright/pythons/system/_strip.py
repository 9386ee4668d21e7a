"""Strips debug information from an ELF file: half of an interpreter that was compiled on its machine.

The program ``strip`` does the same, but few machines have it, and equal inputs must give equal bytes on every
machine. Loaded sections keep their content and place.
https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.pythons.elf import MAGIC

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["stripped"]

_EXECUTABLE, _SHARED = 2, 3
_SHF_ALLOC, _SHF_INFO_LINK = 0x2, 0x40
_SHT_STRTAB, _SHT_NOTE, _SHT_NOBITS = 3, 7, 8
# Offsets in the ELF header of the position, size and number of entries of the two tables.
_TABLES: Final = struct.Struct("<QQ")
_TABLES_AT: Final = 32
_COUNTS: Final = struct.Struct("<HHHHH")
_COUNTS_AT: Final = 54
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")


class _Section(NamedTuple):
    """A section header, field by field; ``name`` is an offset in the section that holds the names."""

    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int

    @property
    def end(self) -> int:
        return self.offset if self.type == _SHT_NOBITS else self.offset + self.size

    @property
    def refers_to(self) -> int:
        """The highest number of another section that it refers to."""
        return max(self.link, self.info if self.flags & _SHF_INFO_LINK else 0)


def stripped(data: bytes) -> bytes:
    """Return the executable or shared library *data* without debug information and symbols that no loader reads.

    Loaded sections keep their headers, which linkers read; notes, in which tracers find probes, are kept. *data* is
    returned unchanged if it would not become smaller or is not understood.
    """
    try:
        after = _stripped(data) if data[:6] == MAGIC + b"\x02\x01" else data
    except (struct.error, ValueError):
        return data
    return after if len(after) < len(data) else data


def _stripped(data: bytes) -> bytes:
    (kind,) = struct.unpack_from("<H", data, 16)
    segments_at, sections_at = _TABLES.unpack_from(data, _TABLES_AT)
    segment_size, segment_count, section_size, section_count, names_at = _COUNTS.unpack_from(data, _COUNTS_AT)
    sizes = (segment_size, section_size)
    # Without any section, there may be too many for the header to say.
    if kind not in (_EXECUTABLE, _SHARED) or sizes != (_SEGMENT.size, _SECTION.size) or not section_count:
        raise ValueError("not a file that is loaded, or not one as linkers write them")
    sections = [
        _Section(*_SECTION.unpack_from(data, sections_at + number * section_size))
        for number in range(section_count)
    ]
    names = _content(data, sections[names_at]) if names_at < section_count else b""
    # Symbols, relocations and other sections refer to sections by number. Linkers put loaded sections first.
    count = 1 + max((n for n, section in enumerate(sections) if section.flags & _SHF_ALLOC), default=0)
    kept, others = sections[:count], sections[count:]
    if any(not section.flags & _SHF_ALLOC for section in kept[1:]) or any(
        section.refers_to >= count for section in kept
    ):
        raise ValueError("sections in another order than linkers write them")
    segments = [
        _SEGMENT.unpack_from(data, segments_at + number * segment_size) for number in range(segment_count)
    ]
    end = max(
        segments_at + segment_count * segment_size,
        *(offset + size for _, _, offset, _, _, size, _, _ in segments),
        *(section.end for section in kept),
    )
    content = bytearray(data[:end])
    for section in others:
        if section.type == _SHT_NOTE:
            _align(content, section.alignment)
            kept.append(section._replace(offset=len(content)))
            content += _content(data, section)
    return _with_table(content, kept, names)


def _with_table(content: bytearray, sections: Sequence[_Section], names: bytes) -> bytes:
    """Return *content* with a table of *sections* after it, and their *names*."""
    found = [*(names[section.name : names.index(b"\0", section.name)] for section in sections), b".shstrtab"]
    table = b"\0".join([*dict.fromkeys([b"", *found]), b""])
    places = [table.index(b"\0" + name + b"\0") + 1 if name else 0 for name in found]
    own = _Section(places[-1], _SHT_STRTAB, 0, 0, len(content), len(table), 0, 0, 1, 0)
    content += table
    _align(content, 8)
    segments_at, _ = _TABLES.unpack_from(content, _TABLES_AT)
    _TABLES.pack_into(content, _TABLES_AT, segments_at, len(content))
    counts = _COUNTS.unpack_from(content, _COUNTS_AT)
    _COUNTS.pack_into(content, _COUNTS_AT, *counts[:3], len(found), len(found) - 1)
    for place, section in zip(places, [*sections, own], strict=True):
        content += _SECTION.pack(*section._replace(name=place))
    return bytes(content)


def _content(data: bytes, section: _Section) -> bytes:
    return data[section.offset : section.end]


def _align(content: bytearray, alignment: int) -> None:
    content += bytes(-len(content) % max(alignment, 1))
