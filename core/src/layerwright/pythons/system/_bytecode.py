"""Checks whether an interpreter of this machine has bytecode for its whole standard library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.pythons._contents import bytecode_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["has_bytecode"]

# https://peps.python.org/pep-0552/
_HEADER: Final = 16
_BY_TIME: Final = bytes(4)


def has_bytecode(original: Path, copy: Path, minor: str) -> bool:
    """Return whether *original* has valid bytecode for each source in *copy*, a copy of it or of parts of it.

    It has not if the interpreter compiles a module when it is first imported. With the bytecode that is there by then,
    the layer would be another one each day.
    """
    return all(_is_valid(original / source.relative_to(copy), minor) for source in copy.rglob("*.py"))


def _is_valid(source: Path, minor: str) -> bool:
    try:
        status = source.stat()
        with (source.parent / bytecode_of(source.name, minor)).open("rb") as file:
            header = file.read(_HEADER)
    except OSError:
        return False
    numbers = (int(status.st_mtime), status.st_size)
    by_time = b"".join((number & 0xFFFFFFFF).to_bytes(4, "little") for number in numbers)
    # If it is valid by hash, the interpreter compares the hash.
    return len(header) == _HEADER and (header[4:8] != _BY_TIME or header[8:] == by_time)
