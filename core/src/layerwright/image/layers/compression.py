"""How layers are compressed."""

from __future__ import annotations

import zlib
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Compression", "Compressor", "compressor"]

# Takes a third of the time of the highest level, for one per cent more bytes.
_GZIP_LEVEL: Final = 6
_GZIP_WINDOW: Final = 31


class Compression(StrEnum):
    """A compression of layers."""

    GZIP = "gzip"

    @property
    def suffix(self) -> str:
        """What the media type of a layer ends with."""
        return f"+{self.value}"

    @property
    def parameters(self) -> str:
        """Everything that the bytes depend on besides the content."""
        return f"{self.value} {_GZIP_LEVEL} {zlib.ZLIB_RUNTIME_VERSION}"


class Compressor(Protocol):
    """Compresses a stream."""

    def compress(self, data: Buffer, /) -> bytes:
        """Return the compressed bytes that are complete after *data*."""
        ...

    def flush(self) -> bytes:
        """Return the rest."""
        ...


def compressor(compression: Compression) -> Compressor:
    """Return a compressor whose output depends on the data alone."""
    del compression
    # A header of zlib has no name and no time.
    return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
