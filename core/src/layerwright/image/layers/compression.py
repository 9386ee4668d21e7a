"""How layers are compressed.

zstd is the default: it takes a quarter of the time of gzip, for smaller layers. gzip is for what does not read zstd.
"""

from __future__ import annotations

import zlib
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, Final, cast

from layerwright.errors import UserError
from layerwright.files.trees.zstd import MODULES, zstd_module

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["PIECE", "Compression", "compressed", "damage", "decompressed"]

PIECE: Final = 8 << 20
"""The bytes of an archive that are compressed together, by one core."""
# Takes a third of the time of the highest level, for one per cent more bytes.
_GZIP_LEVEL: Final = 6
_GZIP_WINDOW: Final = 31
_ZSTD_LEVEL: Final = 3


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
        """Everything that the bytes depend on besides the content. ``UserError``: this Python has no zstd."""
        if self is Compression.ZSTD:
            return f"{self.value} {_ZSTD_LEVEL} {PIECE} {_zstd().zstd_version}"
        return f"{self.value} {_GZIP_LEVEL} {PIECE} {zlib.ZLIB_RUNTIME_VERSION}"


def compressed(piece: Buffer, compression: Compression) -> bytes:
    """Return *piece*, compressed on its own: the pieces of an archive in a row are the compressed archive.

    The bytes depend on the piece alone, so several cores can compress an archive. The threads of zstd would give
    other bytes where its library has none. ``UserError``: this Python has no zstd.
    """
    if compression is Compression.ZSTD:
        return cast("bytes", _zstd().compress(piece, level=_ZSTD_LEVEL))
    # A header of zlib has no name and no time.
    member = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return member.compress(piece) + member.flush()


def decompressed(content: IO[bytes], media_type: str) -> IO[bytes]:
    """Return the archive in *content*, a layer of *media_type*; ``UserError``: this Python cannot read zstd."""
    if media_type.endswith(Compression.GZIP.suffix):
        import gzip

        return cast("IO[bytes]", gzip.GzipFile(fileobj=content))
    if media_type.endswith(Compression.ZSTD.suffix):
        return cast("IO[bytes]", _zstd().ZstdFile(content))
    return content


def damage(media_type: str) -> tuple[type[Exception], ...]:
    """Return the exceptions of reading a damaged layer of *media_type* through :func:`decompressed`."""
    if media_type.endswith(Compression.GZIP.suffix):
        from gzip import BadGzipFile

        return (EOFError, BadGzipFile, zlib.error)
    if media_type.endswith(Compression.ZSTD.suffix):
        return (EOFError, _zstd().ZstdError)
    return ()


def _zstd() -> Any:
    found = zstd_module()
    if found is not None:
        return found
    raise UserError(
        "This Python cannot read or write zstd.",
        cause=f"It has neither {' nor '.join(MODULES)}. The first belongs to Python 3.14 and newer, and is missing"
        " where Python was built without libzstd; the second is installed with Layerwright on older ones.",
        remedy=(
            "Run Layerwright with a Python that has it, or install Layerwright again.",
            "For your own layers, use gzip: --compression gzip, or image.compression in the configuration.",
        ),
        reference="zstd-missing",
    )
