"""Chooses an installed distribution as the sample, and packs it into a wheel again."""

from __future__ import annotations

import csv
import os
import re
from io import StringIO
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import ZIP_STORED, ZipFile

from layerwright.build.installed.dist_info import DIST_INFO, records
from layerwright.build.sample._scripts import scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Sample", "choose_sample", "pack"]

# What installers write besides what is in the wheel.
_WRITTEN: Final = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"})


class Sample(NamedTuple):
    """An installed distribution: its metadata directory, its files in the wheel, and its scripts.

    All names are as in its ``RECORD``: relative to the site-packages directory.
    """

    directory: Path
    packed: tuple[str, ...]
    scripts: tuple[str, ...]


def choose_sample(site_packages: Path) -> Sample | None:
    """Return the smallest distribution with a script, or the smallest; ``None`` if none can be packed again."""
    found = [one for one in _packable(site_packages) if one.packed]
    return min(found, key=lambda one: (not one.scripts, len(one.packed), one.directory.name), default=None)


def pack(sample: Sample, directory: Path) -> Path:
    """Write the wheel of *sample* into *directory*, and return its path."""
    tags = re.findall(r"(?m)^Tag:[ \t]*(\S+)", (sample.directory / "WHEEL").read_text(encoding="utf-8"))
    stem = sample.directory.name.removesuffix(DIST_INFO)
    # As in the name of the wheel that it came from (PEP 425, "Compressed Tag Sets"): one tag may be for another Python.
    parts = (".".join(dict.fromkeys(each)) for each in zip(*(tag.split("-") for tag in tags), strict=True))
    wheel = directory / f"{stem}-{'-'.join(parts)}.whl"
    with ZipFile(wheel, "w", ZIP_STORED) as archive:
        for name in sample.packed:
            archive.write(sample.directory.parent / name, name)
        with (sample.directory / "RECORD").open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row and row[0] in sample.packed]
        record = StringIO()
        csv.writer(record, lineterminator="\n").writerows(rows)
        archive.writestr(f"{sample.directory.name}/RECORD", record.getvalue())
    return wheel


def _packable(site_packages: Path) -> Iterator[Sample]:
    for directory in sorted(site_packages.glob(f"*{DIST_INFO}")):
        if not (directory / "WHEEL").is_file() or (directory / "direct_url.json").exists():
            continue
        names = [name for name, _digest in records(directory / "RECORD") if not name.endswith(".pyc")]
        scripts = scripts_of(directory)
        outside = {name for name in names if name.startswith((os.pardir, os.sep))}
        # Files of other directories, and scripts that are no entry points, are in other places of a wheel.
        if {name.rpartition("/")[2] for name in outside} <= scripts:
            packed = [name for name in names if name not in outside and not _is_written(name, directory)]
            yield Sample(directory, tuple(packed), tuple(sorted(outside)))


def _is_written(name: str, directory: Path) -> bool:
    parent, _, base = name.rpartition("/")
    return parent == directory.name and base in _WRITTEN
