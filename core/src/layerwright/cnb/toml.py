"""TOML files: read whole, written so that whatever happens leaves the old file or the new one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["dumps", "read", "sync_directory", "write_atomically"]


def dumps(document: Mapping[str, Any]) -> str:
    """Return *document* as TOML; equal documents with equal key order give equal text."""
    import tomli_w

    return tomli_w.dumps(document)


def read(path: Path) -> dict[str, Any] | None:
    """Return the document at *path*, ``None`` when there is no such file.

    ``ValueError``: it is not TOML, or not UTF-8. ``OSError``: it cannot be read.
    """
    import tomllib

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:  # tomllib's answer to a thousand opening brackets
        raise ValueError("nested too deeply") from error


def write_atomically(path: Path, text: str) -> None:
    """Put *text* at *path* with mode 0644, and on the disk; an ``OSError`` leaves what was there.

    Only one process may write to *path* at a time: the temporary file's name is fixed, so that what a kill
    leaves behind is overwritten by the next write.
    """
    content = text.encode()
    temporary = path.with_name(f".{path.name}.tmp")  # the lifecycle reads every *.toml as a layer's
    try:
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Have the names in the directory *path* on the disk before anything that follows."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
