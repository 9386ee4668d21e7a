"""Contents by their digests: complete once they have their name, and what they are said to be."""

from __future__ import annotations

import io
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING

import pytest

from layerwright.image.blobs import BlobDirectory, DigestError
from layerwright.image.descriptor import Descriptor

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


class Source:
    """Has one content for every descriptor."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, descriptor: Descriptor) -> AbstractContextManager[IO[bytes]]:
        return nullcontext(io.BytesIO(self._content))


WANTED = Descriptor.of("text", b"right")


def test_a_content_is_copied_once(tmp_path: Path) -> None:
    blobs = BlobDirectory(tmp_path)
    blobs.copy(WANTED, Source(b"right"))
    blobs.copy(WANTED, Source(b"not read"))
    assert blobs.file(WANTED.digest).read_bytes() == b"right"


@pytest.mark.parametrize("content", [b"wrong", b"short"[:2], b"right and more"])
def test_another_content_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    blobs = BlobDirectory(tmp_path)
    with pytest.raises(DigestError, match="has another content"):
        blobs.copy(WANTED, Source(content))
    assert list((tmp_path / "sha256").iterdir()) == []
    assert not blobs.has(WANTED)
