"""How layers are compressed.

gzip is the default: every Python has it. zstd is faster and smaller, and every engine of the last years reads it;
before Python 3.14 it needs ``backports.zstd``, the extra ``zstd``.
"""

from __future__ import annotations

import zlib
from enum import StrEnum
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

from layerwright.errors import UserError

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Compression", "Compressor", "compressor", "decompressed"]

# Takes a third of the time of the highest level, for one per cent more bytes.
_GZIP_LEVEL: Final = 6
_GZIP_WINDOW: Final = 31
_ZSTD_LEVEL: Final = 3
_MODULES: Final = ("compression.zstd", "backports.zstd")


class Compression(StrEnum):
    """A compression of layers."""

    GZIP = "gzip"
    ZSTD = "zstd"

    @property
    def suffix(self) -> str:
        """What the media type of a layer ends with."""
        return f"+{self.value}"

    @property
    def parameters(self) -> str:
        """Everything that the bytes depend on besides the content. ``UserError``: see :func:`compressor`."""
        if self is Compression.ZSTD:
            return f"{self.value} {_ZSTD_LEVEL} {_zstd().zstd_version}"
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
    """Return a compressor whose output depends on the data alone; ``UserError``: this Python has none for zstd."""
    if compression is Compression.ZSTD:
        return cast("Compressor", _zstd().ZstdCompressor(level=_ZSTD_LEVEL))
    # A header of zlib has no name and no time.
    return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)


def decompressed(content: IO[bytes], media_type: str) -> IO[bytes]:
    """Return the archive in *content*, a layer of *media_type*; ``UserError``: this Python cannot read zstd."""
    if media_type.endswith(Compression.GZIP.suffix):
        import gzip

        return cast("IO[bytes]", gzip.GzipFile(fileobj=content))
    if media_type.endswith(Compression.ZSTD.suffix):
        return cast("IO[bytes]", _zstd().ZstdFile(content))
    return content


def _zstd() -> Any:
    for name in _MODULES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise UserError(
        "This Python cannot read or write zstd.",
        cause=f"It has neither {' nor '.join(_MODULES)}.",
        remedy=(
            'Install the extra: pip install "layerwright[zstd]", or use Python 3.14 or newer.',
            "For your own layers, image.compression can be gzip.",
        ),
        reference="zstd-missing",
    )
