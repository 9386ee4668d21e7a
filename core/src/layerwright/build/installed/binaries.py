"""The executables and shared libraries of the installed distributions, by their ``RECORD`` files."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.installed.dist_info import DIST_INFO, record_files
from layerwright.contract.names import normalised_name
from layerwright.files import bounded
from layerwright.pythons.elf import ElfError, machine_of, read_dynamic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.pythons.elf import Dynamic

__all__ = ["Binary", "binaries"]

_PROGRAM: Final = re.compile(r"(?:\.\./)+bin/[^/]+")
_SHARED: Final = re.compile(r"(?:.*/)?[^/]+\.so(?:\.[^/]*)?")
_MODULE: Final = re.compile(r"(?:.*/)?(?:(?!lib)[^/.]+|[^/.]+\.(?:cpython-|abi)[^/]+)\.so")
_CODE: Final = re.compile(rb"^(?!.*\b__init__\.py,)[^,\n]+\.py,", re.MULTILINE)


class Binary(NamedTuple):
    """An ELF file: its name in the ``RECORD`` of its *distribution*, its path, and what the loader reads of it.

    ``loaded``: it is imported, started, or loaded by Python code, and not only because another file needs it.
    """

    name: str
    path: Path
    distribution: str
    dynamic: Dynamic
    loaded: bool


def binaries(site_packages: Path, machine: bytes) -> tuple[Binary, ...]:
    """Return the ELF files for *machine* of the distributions in *site_packages*; malformed ones are left out."""
    records = record_files(site_packages)
    return tuple(found for record in records for found in _binaries(record, machine))


def _binaries(record: Path, machine: bytes) -> Iterator[Binary]:
    try:
        content = bounded.read(record)
    except OSError:
        return
    # Only tens of ten thousand lines are split into fields.
    lines = [line for line in content.splitlines() if b".so" in line or b"/bin/" in line]
    rows = csv.reader(line.decode(errors="surrogateescape") for line in lines)
    names = [row[0] for row in rows if _SHARED.fullmatch(row[0]) or _PROGRAM.fullmatch(row[0])]
    # A library beside modules may be for a database or a device that the application does not have. Without modules,
    # Python code loads the libraries by their paths, as that of lightgbm does. Without code, other distributions do
    # what they want with them, as with those of CUDA.
    by_code = not any(map(_MODULE.fullmatch, names)) and _CODE.search(content) is not None
    label, _, version = record.parent.name.removesuffix(DIST_INFO).partition("-")
    for name in names:
        path = Path(os.path.normpath(record.parent.parent / name))
        # Some wheels contain libraries for several machines.
        if machine_of(path) != machine:
            continue
        try:
            dynamic = read_dynamic(path)
        except (ElfError, OSError):
            continue
        loaded = by_code or bool(_MODULE.fullmatch(name) or _PROGRAM.fullmatch(name))
        yield Binary(name, path, f"{normalised_name(label)} {version}", dynamic, loaded)
