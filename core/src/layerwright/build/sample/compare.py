"""Compares what one version of a package manager has written with what another one writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.sample.choose import Sample

__all__ = ["different_files"]

_EXECUTABLE: Final = 0o111
# Bytecode, which core compiles, and how the installer was called.
_IGNORED: Final = (".pyc", "/REQUESTED")


def different_files(sample: Sample, environment: Path, other: Path) -> tuple[str, ...]:
    """Return the files of *sample*, in *environment*, that are not the same in the new environment *other*.

    Each starts its scripts with its own interpreter. Nothing but the sample is installed in *other*.
    """
    place = os.path.relpath(sample.directory.parent, environment)
    scripts = {os.path.normpath(os.path.join(place, name)) for name in sample.scripts}  # noqa: PTH118
    names = {f"{place}/{name}" for name in sample.packed} | scripts
    metadata = f"{place}/{sample.directory.name}"
    names |= {f"{metadata}/{path.name}" for path in sample.directory.iterdir() if path.is_file()}
    new = {os.path.relpath(path, other) for path in (other / place).rglob("*") if path.is_file()}
    return tuple(
        name
        for name in sorted(names | new)
        if not name.endswith(_IGNORED)
        and _content(environment / name, environment, scripts) != _content(other / name, other, scripts)
    )


def _content(file: Path, environment: Path, scripts: set[str]) -> tuple[bytes, int] | None:
    """Return what is compared of *file* in *environment*: its content and its permission to be executed."""
    try:
        content, mode = file.read_bytes(), file.stat().st_mode & _EXECUTABLE
    except OSError:
        return None
    if os.path.relpath(file, environment) in scripts:
        content = content.replace(os.fsencode(environment), b"{environment}", 1)
    if file.name == "RECORD":
        names = {os.path.basename(name) for name in scripts}  # noqa: PTH119
        content = b"".join(_row(line, names) for line in content.splitlines(keepends=True))
    return content, mode


def _row(line: bytes, scripts: set[str]) -> bytes:
    """Return a line of ``RECORD`` without the hash of a script, which contains the path of the environment."""
    name = line.partition(b",")[0].decode(errors="surrogateescape")
    if name.endswith(_IGNORED):
        return b""
    return line.partition(b",")[0] if name.rpartition("/")[2] in scripts and name.startswith("..") else line
