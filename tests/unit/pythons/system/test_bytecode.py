from __future__ import annotations

import os
import py_compile
from typing import TYPE_CHECKING

import pytest

from layerwright.pythons.system._bytecode import has_bytecode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = ("os.py", "json/decoder.py")


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """Return a library whose sources are compiled, by time and by hash."""
    original, copy = tmp_path / "original", tmp_path / "copy"
    for library in (original, copy):
        for name in NAMES:
            path = library / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 1\n")
    modes = (py_compile.PycInvalidationMode.TIMESTAMP, py_compile.PycInvalidationMode.CHECKED_HASH)
    for name, mode in zip(NAMES, modes, strict=True):
        py_compile.compile(
            str(original / name), str(bytecode(original / name)), doraise=True, invalidation_mode=mode
        )
    return original


def bytecode(source: Path) -> Path:
    return source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"


def is_complete(original: Path) -> bool:
    return has_bytecode(original, original.with_name("copy"), "3.13")


def test_an_interpreter_that_was_compiled_when_it_was_installed_has_bytecode(original: Path) -> None:
    assert is_complete(original)


def test_what_is_not_copied_needs_none(original: Path) -> None:
    (original / "turtle.py").touch()
    assert is_complete(original)


@pytest.mark.parametrize(
    "change",
    [
        lambda source: bytecode(source).unlink(),
        lambda source: bytecode(source).write_bytes(b""),
        lambda source: source.write_text("x = 10\n"),
        lambda source: os.utime(source, (1, 1)),
        lambda source: source.unlink(),
    ],
    ids=["none", "empty", "source of another size", "source of another time", "no source"],
)
def test_one_source_without_valid_bytecode_is_enough_to_compile_all(
    original: Path, change: Callable[[Path], object]
) -> None:
    change(original / "os.py")
    assert not is_complete(original)
