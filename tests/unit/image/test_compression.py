"""Layers are compressed with gzip, or with zstd where this Python has it."""

from __future__ import annotations

import io
import sys
import zlib
from types import ModuleType
from typing import IO

import pytest

from layerwright.errors import UserError
from layerwright.image.layers.compression import Compression, compressor, decompressed

ZSTD = "application/x+zstd"


class Zstd(ModuleType):
    """Has the names of the standard library's module, and compresses as zlib does."""

    zstd_version = "1.5.7"

    @staticmethod
    def ZstdCompressor(level: int) -> object:  # noqa: N802  # the name in the module
        return zlib.compressobj(level)

    @staticmethod
    def ZstdFile(content: IO[bytes]) -> IO[bytes]:  # noqa: N802  # the name in the module
        return io.BytesIO(zlib.decompress(content.read()))


@pytest.mark.parametrize("compression", list(Compression))
@pytest.mark.parametrize("module", ["compression.zstd", "backports.zstd"])
def test_what_is_compressed_is_read_back(
    monkeypatch: pytest.MonkeyPatch, compression: Compression, module: str
) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, module, Zstd(module))
    made = compressor(compression)
    stored = made.compress(b"content") + made.flush()
    assert decompressed(io.BytesIO(stored), f"application/x{compression.suffix}").read() == b"content"


def test_the_parameters_name_the_release_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", Zstd("zstd"))
    assert Compression.ZSTD.parameters == "zstd 3 1.5.7"
    assert Compression.GZIP.parameters == f"gzip 6 {zlib.ZLIB_RUNTIME_VERSION}"


def test_a_plain_archive_is_as_it_is() -> None:
    content = io.BytesIO(b"content")
    assert decompressed(content, "application/vnd.oci.image.layer.v1.tar") is content


def test_without_a_library_the_error_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    for use in (lambda: compressor(Compression.ZSTD), lambda: decompressed(io.BytesIO(), ZSTD)):
        with pytest.raises(UserError) as caught:
            use()
        assert caught.value.reference == "zstd-missing"
