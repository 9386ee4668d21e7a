"""Files with a checksum, so that a reader detects empty, truncated or zeroed files after a power cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.files.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["checksummed", "read_checksummed", "write_checksummed"]

_LENGTH: Final = 8


def write_checksummed(path: Path, content: bytes) -> None:
    """Write *content* with its checksum to *path* and sync it; after an ``OSError`` the old file is unchanged."""
    write_atomically(path, checksummed(content))


def checksummed(content: bytes) -> bytes:
    """Return *content* with its checksum, as a file has it that :func:`read_checksummed` reads."""
    return content + _checksum(content)


def read_checksummed(path: Path) -> bytes | None:
    """Return the content of the file at *path*; ``None`` if it does not exist or its checksum is wrong."""
    try:
        found = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    content, checksum = found[:-_LENGTH], found[-_LENGTH:]
    return content if checksum == _checksum(content) else None


def _checksum(content: bytes) -> bytes:
    from zlib import crc32

    return f"{crc32(content):0{_LENGTH}x}".encode()
