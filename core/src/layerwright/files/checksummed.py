"""Files of which a reader sees that they are whole: neither empty, nor cut off, nor full of zeros after a power cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.files.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_checksummed", "write_checksummed"]

_LENGTH: Final = 8


def write_checksummed(path: Path, content: bytes) -> None:
    """Put *content* with its checksum at *path*, and on the disk; an ``OSError`` leaves what was there."""
    write_atomically(path, content + _checksum(content))


def read_checksummed(path: Path) -> bytes | None:
    """Return the content of the file at *path*; ``None`` where there is no file, or one that is not whole."""
    try:
        found = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    content, checksum = found[:-_LENGTH], found[-_LENGTH:]
    return content if checksum == _checksum(content) else None


def _checksum(content: bytes) -> bytes:
    from zlib import crc32

    return f"{crc32(content):0{_LENGTH}x}".encode()
