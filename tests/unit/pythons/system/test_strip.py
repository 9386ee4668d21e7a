"""What is stripped is loaded and linked as before, and has nothing that only debuggers read."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

import pytest

from layerwright.pythons.system._strip import stripped

PROGBITS, SYMTAB, STRTAB, RELA, NOTE, NOBITS = 1, 2, 3, 4, 7, 8
ALLOC, INFO_LINK = 2, 0x40


@dataclass(frozen=True)
class Section:
    name: str
    type: int = PROGBITS
    flags: int = 0
    content: bytes = b""
    link: int = 0
    info: int = 0
    alignment: int = 1


NULL = Section("", 0)
DYNSTR = Section(".dynstr", STRTAB, ALLOC, b"\0one\0")
TEXT = Section(".text", flags=ALLOC, content=b"the code", link=1)
RELOCATIONS = Section(".rela.plt", RELA, ALLOC | INFO_LINK, b"rela", link=1, info=2)
BSS = Section(".bss", NOBITS, ALLOC)
DEBUG = Section(".debug_info", content=b"d" * 1000)
PROBES = Section(".note.stapsdt", NOTE, content=b"probes", alignment=4)
SYMBOLS = Section(".symtab", SYMTAB, content=b"s" * 500, link=7)
LOADED = (NULL, DYNSTR, TEXT, RELOCATIONS, BSS)
LIBRARY = (*LOADED, DEBUG, SYMBOLS, Section(".strtab", STRTAB, content=b"n" * 100))


def elf(*sections: Section, kind: int = 3, names: bool = True) -> bytes:
    """Return an ELF file with *sections*, of which the loaded ones are in a segment."""
    named = [*sections, Section(".shstrtab", STRTAB)] if names else list(sections)
    table = b"\0" + b"".join(section.name.encode() + b"\0" for section in named[1:])
    content, headers, loaded = bytearray(64 + 56), b"", 0
    for section in named:
        body = table if section.name == ".shstrtab" else section.content
        place = table.index(b"\0" + section.name.encode() + b"\0") + 1 if section.name else 0
        size = len(body) if section.type != NOBITS else 4096
        headers += struct.pack(
            "<IIQQQQIIQQ",
            place,
            section.type,
            section.flags,
            0,
            len(content),
            size,
            section.link,
            section.info,
            section.alignment,
            0,
        )
        content += body
        if section.flags & ALLOC:
            loaded = len(content)
    content[:64] = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", kind, 62, 1, 0, 64, len(content), 0, 64, 56, 1, 64, len(named), len(named) - names
    )  # fmt: skip
    content[64 : 64 + 56] = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, loaded, loaded, 4096)
    return bytes(content + headers)


def read(data: bytes) -> list[tuple[str, bytes, int, int]]:
    """Return the name, the content, the link and the information of each section of *data*."""
    (at,) = struct.unpack_from("<Q", data, 40)
    count, names_at = struct.unpack_from("<HH", data, 60)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, at + 64 * number) for number in range(count)]
    assert len(data) == at + 64 * count
    assert at % 8 == 0
    names = data[headers[names_at][4] :]
    found = []
    for name, kind, _flags, _address, offset, size, link, info, alignment, _ in headers:
        assert offset % max(alignment, 1) == 0 or kind != NOTE
        content = b"" if kind == NOBITS else data[offset : offset + size]
        found.append((names[name : names.index(b"\0", name)].decode(), content, link, info))
    return found


def test_what_is_loaded_is_where_it_was_and_the_rest_is_gone() -> None:
    data = elf(*LIBRARY)
    (loaded,) = struct.unpack_from("<Q", data, 64 + 32)

    after = stripped(data)

    assert after[64:loaded] == data[64:loaded]
    assert [name for name, *_ in read(after)] == [*(section.name for section in LOADED), ".shstrtab"]
    assert read(after)[:-1] == [(s.name, s.content, s.link, s.info) for s in LOADED]
    assert len(after) < len(data) - 1600


def test_what_tracers_look_for_is_kept() -> None:
    after = stripped(elf(*LOADED, replace(DEBUG, content=b"odd"), PROBES, DEBUG))

    assert [(name, content) for name, content, *_ in read(after)][-2] == (".note.stapsdt", b"probes")


def test_what_is_stripped_stays_as_it_is() -> None:
    once = stripped(elf(*LIBRARY))

    assert stripped(once) is once


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"#!/bin/sh\n" + bytes(2000), id="no ELF file"),
        pytest.param(elf(*LIBRARY, kind=1), id="an object file, which is for linkers"),
        pytest.param(elf(*LIBRARY)[:40], id="cut off in the header"),
        pytest.param(elf(*LIBRARY)[:-64], id="cut off in the table"),
        pytest.param(elf(NULL, DYNSTR, DEBUG, TEXT), id="loaded sections after others"),
        pytest.param(elf(NULL, replace(DYNSTR, link=2), DEBUG), id="a link to a section that would go"),
        pytest.param(
            elf(NULL, replace(RELOCATIONS, link=0, info=2), DEBUG),
            id="relocations of a section that would go",
        ),
        pytest.param(elf(*LIBRARY, names=False), id="names that are nowhere"),
    ],
)
def test_what_is_not_understood_is_left_alone(data: bytes) -> None:
    assert stripped(data) is data


def test_a_file_without_any_section_is_left_alone() -> None:
    data = elf(NULL)
    without = data[:60] + bytes(4) + data[64:]

    assert stripped(without) is without
