from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.pythons.elf import Dynamic, ElfError, SearchPath, machine_of, read_dynamic, write_search_path
from tests.unit.pythons.samples import elf_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library.so"


def search_paths(path: Path) -> list[str]:
    return [search_path.value for search_path in read_dynamic(path).search_paths]


def test_what_is_needed_and_where_it_is_searched_for_is_read(library: Path) -> None:
    library.write_bytes(elf_file(needed=("libm.so.6", "libc.so.6"), rpath="/a/lib", runpath="/b/lib:/c/lib"))
    assert read_dynamic(library).needed == ("libm.so.6", "libc.so.6")
    assert search_paths(library) == ["/a/lib", "/b/lib:/c/lib"]


def test_a_file_linked_statically_says_nothing(library: Path) -> None:
    data = bytearray(elf_file())
    data[56:58] = b"\x01\x00"  # of the two program headers, the second one is the dynamic section
    library.write_bytes(data)
    assert read_dynamic(library) == Dynamic()
    data = bytearray(elf_file())
    data[64 + 56] = 7  # the segment of thread-local storage
    library.write_bytes(data)
    assert read_dynamic(library) == Dynamic()


def test_a_file_that_does_not_say_how_long_its_strings_are_is_read_all_the_same(library: Path) -> None:
    data = elf_file(runpath="/a/lib")
    library.write_bytes(data.replace(b"\x0a" + bytes(7), b"\x0d" + bytes(7), 1))
    assert search_paths(library) == ["/a/lib"]


def test_a_dynamic_section_need_not_have_an_end_mark(library: Path) -> None:
    data = bytearray(elf_file(runpath="/a/lib"))
    length = 64 + 56 + 32
    data[length : length + 8] = (int.from_bytes(data[length : length + 8], "little") - 16).to_bytes(
        8, "little"
    )
    library.write_bytes(data)
    assert search_paths(library) == ["/a/lib"]


@pytest.mark.parametrize("value", ["$ORIGIN/../lib", "/as/long/as/the/old"])
def test_a_search_path_is_replaced_by_one_that_is_not_longer(library: Path, value: str) -> None:
    library.write_bytes(elf_file(needed=("libc.so.6",), runpath="/as/long/as/the/old", rpath="/other"))
    other, search_path = read_dynamic(library).search_paths
    write_search_path(library, search_path, value)
    assert search_paths(library) == [other.value, value]
    assert read_dynamic(library).needed == ("libc.so.6",)


def test_a_string_that_shares_the_end_of_the_old_one_stays_as_it_was(library: Path) -> None:
    library.write_bytes(elf_file(runpath="/very/long/prefix/lib"))
    (search_path,) = read_dynamic(library).search_paths
    write_search_path(library, search_path, "$ORIGIN/..")
    end = search_path.offset + len(search_path.value)
    assert library.read_bytes()[end - 3 : end + 1] == b"lib\0"


def test_a_longer_search_path_is_refused_and_the_file_left_alone(library: Path) -> None:
    library.write_bytes(before := elf_file(runpath="/py/lib"))
    (search_path,) = read_dynamic(library).search_paths
    with pytest.raises(ElfError, match=r"/py/lib has no room for \$ORIGIN/../lib"):
        write_search_path(library, search_path, "$ORIGIN/../lib")
    assert library.read_bytes() == before


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_files_of_each_class_and_byte_order_are_read(library: Path, bits: int, order: str) -> None:
    content = elf_file(needed=("libm.so.6",), soname="libacme.so.1", runpath="/a/lib", bits=bits, order=order)
    library.write_bytes(content)
    assert read_dynamic(library) == Dynamic(
        needed=("libm.so.6",),
        search_paths=(SearchPath(offset=content.index(b"/a/lib"), value="/a/lib"),),
        soname="libacme.so.1",
    )


def test_files_for_different_machines_differ(tmp_path: Path) -> None:
    files = [elf_file(bits=bits, order=order) for bits in (32, 64) for order in "<>"]
    for number, content in enumerate(files):
        (tmp_path / str(number)).write_bytes(content)
    machines = [machine_of(tmp_path / str(number)) for number in range(len(files))]
    assert len(set(machines)) == len(files)
    assert machine_of(tmp_path / "1") == machines[1]


def test_other_files_are_for_no_machine(library: Path, tmp_path: Path) -> None:
    for content in (
        b"",
        b"#!/bin/sh\n",
        b"\x7fELF\x02\x01",
        b"\x7fELF\x03\x01" + bytes(20),
        b"\x7fELF\x02\x00" + bytes(20),
    ):
        library.write_bytes(content)
        assert machine_of(library) == b""
        with pytest.raises(ElfError, match="not an ELF file"):
            read_dynamic(library)
    assert machine_of(tmp_path) == machine_of(tmp_path / "absent") == b""


def test_no_claim_of_a_file_makes_it_read_much(library: Path) -> None:
    for at, value in (
        (32, b"\xff" * 8),
        (54, b"\xff\xff"),
        (64 + 56 + 8, b"\xff" * 8),
        (64 + 56 + 32, b"\xff" * 8),
    ):
        content = bytearray(elf_file(runpath="/a"))
        content[at : at + len(value)] = value
        library.write_bytes(content)
        with pytest.raises(ElfError, match="malformed"):
            read_dynamic(library)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(elf_file()[:50], id="cut off in the header"),
        pytest.param(elf_file(runpath="/a")[:150], id="cut off in the program headers"),
        pytest.param(elf_file(runpath="/a")[:-2], id="cut off in the strings"),
        pytest.param(elf_file(runpath="/a", loaded=False), id="strings that are not in the file"),
    ],
)
def test_a_malformed_file_is_said_to_be_so(library: Path, content: bytes) -> None:
    library.write_bytes(content)
    with pytest.raises(ElfError, match="malformed"):
        read_dynamic(library)


def test_where_a_search_path_is_says_where_its_value_is(library: Path) -> None:
    library.write_bytes(elf_file(runpath="/somewhere/lib"))
    (search_path,) = read_dynamic(library).search_paths
    assert search_path == SearchPath(offset=library.read_bytes().index(b"/somewhere"), value="/somewhere/lib")
