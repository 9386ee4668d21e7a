"""Sources of contents that are known by their digests, and the directory that keeps them between builds."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import os
from typing import IO, TYPE_CHECKING, Final, Protocol

from layerwright.files.atomic import sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from layerwright.image.descriptor import Descriptor

__all__ = ["BlobDirectory", "Blobs", "Bytes", "DigestError", "checked_chunks"]

_CHUNK: Final = 1 << 20
_DRAFT: Final = "."


class DigestError(ValueError):
    """A content does not match its digest."""


class Blobs(Protocol):
    """Where the contents of an image are."""

    def open(self, descriptor: Descriptor) -> AbstractContextManager[IO[bytes]]:
        """Return the content of *descriptor*, to read once. It is not verified: :func:`checked_chunks` does that.

        ``OSError`` or ``LayerwrightError``: it cannot be read.
        """
        ...


class Bytes:
    """A content in memory."""

    def __init__(self, content: bytes) -> None:
        self._content: Final = content

    def open(self, descriptor: Descriptor) -> IO[bytes]:
        """Return the content, which is that of *descriptor*."""
        del descriptor
        return io.BytesIO(self._content)


class BlobDirectory:
    """Contents as files in the directory *path*, each named after its digest, as in an OCI layout.

    A file is complete once it has its name, whatever happens to the process that writes it.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    def file(self, digest: str) -> Path:
        """Return the path of the content with *digest*, existing or not."""
        algorithm, _, name = digest.partition(":")
        return self.path / algorithm / name

    def has(self, descriptor: Descriptor) -> bool:
        """Return whether a file of the right size is there."""
        try:
            return self.file(descriptor.digest).stat().st_size == descriptor.size
        except OSError:
            return False

    def open(self, descriptor: Descriptor) -> IO[bytes]:
        """Open the file; ``OSError``: it cannot be read."""
        return self.file(descriptor.digest).open("rb")

    def put(self, content: bytes, digest: str) -> None:
        """Write *content*, whose digest is *digest*, in place of a damaged one if that is there."""
        with self.draft() as (file, keep):
            file.write(content)
            keep(digest)

    def copy(self, descriptor: Descriptor, source: Blobs) -> None:
        """Copy a content from *source* unless it is there; ``DigestError``: it is another one."""
        if self.has(descriptor):
            return
        with source.open(descriptor) as content, self.draft() as (file, keep):
            for chunk in checked_chunks(content, descriptor):
                file.write(chunk)
            keep(descriptor.digest)

    @contextlib.contextmanager
    def draft(self) -> Iterator[tuple[IO[bytes], Callable[[str], None]]]:
        """Yield a new file, and the function that gives it the name of its digest; without that it is removed.

        Files that killed processes have left are removed first.
        """
        folder = self.path / "sha256"
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        # Named before it exists: a signal may come in between.
        temporary = folder / f"{_DRAFT}{os.urandom(8).hex()}"
        try:
            with _new(temporary) as file:

                def keep(digest: str) -> None:
                    file.flush()
                    os.fsync(file.fileno())
                    temporary.chmod(0o644)
                    temporary.replace(self.file(digest))
                    sync_directory(folder)

                yield file, keep
        finally:
            temporary.unlink(missing_ok=True)


def _new(path: Path) -> IO[bytes]:
    """Return a new file at *path*, which has a lock as long as it is open."""
    while True:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(path.open("xb"))
            fcntl.flock(file, fcntl.LOCK_EX)
            # Otherwise another process found it before it had the lock.
            if os.fstat(file.fileno()).st_nlink:
                stack.pop_all()
                return file


def _remove_abandoned(folder: Path) -> None:
    """Remove the new files that no process has open any more."""
    for path in folder.glob(f"{_DRAFT}*"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def checked_chunks(content: IO[bytes], descriptor: Descriptor) -> Iterator[bytes]:
    """Yield *content* in chunks; ``DigestError`` at its end, or before: it is not that of *descriptor*."""
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if size > descriptor.size:
            break
        yield chunk
    if size != descriptor.size or f"sha256:{digest.hexdigest()}" != descriptor.digest:
        raise DigestError(f"{descriptor.digest} has another content: {size:,} of {descriptor.size:,} bytes")
