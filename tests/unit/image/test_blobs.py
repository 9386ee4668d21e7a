"""Contents by their digests: complete once they have their name, and what they are said to be."""

from __future__ import annotations

import fcntl
import io
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING

import pytest

from layerwright.image import blobs as blobs_module
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


def test_what_a_killed_process_left_is_removed_and_what_another_one_writes_is_not(tmp_path: Path) -> None:
    blobs = BlobDirectory(tmp_path)
    abandoned = tmp_path / "sha256" / ".0123456789abcdef"
    with blobs.draft() as (file, keep):
        # The lock is gone with its process, the file is not.
        abandoned.write_bytes(b"par")
        blobs.put(b"other", Descriptor.of("text", b"other").digest)
        assert not abandoned.exists()
        file.write(b"right")
        keep(WANTED.digest)
    assert blobs.file(WANTED.digest).read_bytes() == b"right"
    assert len(list((tmp_path / "sha256").iterdir())) == 2


def test_a_new_file_that_another_process_took_for_abandoned_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = BlobDirectory(tmp_path)
    removed: list[Path] = []

    class Locks:
        """Removes the first file before its lock is there, as another process might."""

        LOCK_EX, LOCK_NB = fcntl.LOCK_EX, fcntl.LOCK_NB

        @staticmethod
        def flock(file: IO[bytes], operation: int) -> None:
            if not removed:
                removed.extend((tmp_path / "sha256").iterdir())
                removed[0].unlink()
            fcntl.flock(file, operation)

    monkeypatch.setattr(blobs_module, "fcntl", Locks)
    blobs.put(b"right", WANTED.digest)
    assert removed[0].name != WANTED.digest
    assert list((tmp_path / "sha256").iterdir()) == [blobs.file(WANTED.digest)]


def test_a_signal_right_after_a_new_file_was_created_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fcntl, "flock", interrupt)
    with pytest.raises(KeyboardInterrupt), BlobDirectory(tmp_path).draft():
        pytest.fail("there is no file to write to")
    assert list((tmp_path / "sha256").iterdir()) == []
