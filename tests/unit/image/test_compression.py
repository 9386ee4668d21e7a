"""Layers are compressed with zstd or gzip, in pieces that are an archive together."""

from __future__ import annotations

import io
import sys
import zlib
from types import ModuleType
from typing import Any

import pytest

from layerwright.errors import UserError
from layerwright.image.layers.choice import choose_compression
from layerwright.image.layers.compression import Compression, compressed, decompressed


@pytest.mark.parametrize("compression", list(Compression))
def test_pieces_that_were_compressed_on_their_own_are_read_back_as_one(compression: Compression) -> None:
    stored = compressed(b"one ", compression) + compressed(b"archive", compression)
    assert decompressed(io.BytesIO(stored), f"application/x{compression.suffix}").read() == b"one archive"


def test_the_module_of_newer_pythons_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("compression.zstd")
    module.zstd_version = "9.9"
    monkeypatch.setitem(sys.modules, "compression.zstd", module)
    assert Compression.ZSTD.parameters == "zstd 3 8388608 9.9"


def test_the_parameters_name_the_release_of_the_library() -> None:
    assert Compression.GZIP.parameters == f"gzip 6 8388608 {zlib.ZLIB_RUNTIME_VERSION}"


def test_a_plain_archive_is_as_it_is() -> None:
    content = io.BytesIO(b"content")
    assert decompressed(content, "application/vnd.oci.image.layer.v1.tar") is content


def test_a_python_without_zstd_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    for use in (
        lambda: compressed(b"", Compression.ZSTD),
        lambda: decompressed(io.BytesIO(), "application/x+zstd"),
    ):
        with pytest.raises(UserError) as caught:
            use()
        assert caught.value.reference == "zstd-missing"
        assert "--compression gzip" in caught.value.remedy[1]


@pytest.mark.parametrize(
    ("configured", "values", "compression", "because"),
    [
        ("auto", {}, Compression.ZSTD, ""),
        ("auto", {"archive": True}, Compression.GZIP, "older releases of docker"),
        ("auto", {"docker_base": True}, Compression.GZIP, "the base image is in Docker's own format"),
        ("auto", {"refused": "registry.local"}, Compression.GZIP, "registry.local has refused"),
        ("gzip", {}, Compression.GZIP, ""),
        ("zstd", {"archive": True, "docker_base": True, "refused": "x"}, Compression.ZSTD, ""),
    ],
)
def test_zstd_is_the_default_unless_something_does_not_take_it(
    configured: str, values: dict[str, Any], compression: Compression, because: str
) -> None:
    chosen = choose_compression(
        configured, **{"docker_base": False, "archive": False, "refused": "", **values}
    )
    assert chosen.compression is compression
    assert chosen.because.startswith(because)
    assert bool(chosen.because) is bool(because)
