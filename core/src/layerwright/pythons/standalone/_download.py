"""Downloads one file with a known checksum into a directory that builds share.

``https://``, ``http://`` and ``file://`` are equally good sources: nothing is trusted before its SHA-256 has been
verified. No token is ever sent, and the credentials of a URL only to its host.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, Final

from layerwright.errors import SiteError
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from layerwright.pythons.provider import Progress

__all__ = ["download"]

_CHUNK: Final = 1 << 18
_TIMEOUT: Final = 60
_WORTH_ANOTHER_TRY: Final = frozenset({408, 416, 425, 429, 500, 502, 503, 504})


class _TryAgainError(Exception):
    """A failure that may not happen in the next attempt."""


def download(
    url: str, *, filename: str, sha256: str, into: Path, progress: Progress, delays: Sequence[float]
) -> Path:
    """Return the path in *into* of a file with checksum *sha256*, downloaded from *url* unless it is there.

    Each of *delays* (seconds) allows one more attempt. Partial data is kept, so that the next attempt or build
    resumes. If two processes download the same file, the second waits. Raises ``SiteError``.
    """
    _refuse(url, sha256)
    path, part = into / filename, into / f"{filename}.{sha256[:16]}.part"
    try:
        into.mkdir(parents=True, exist_ok=True)
        with _lock(into / f"{filename}.lock"):
            if _digest(path) != sha256:
                _Download(url, sha256, part, progress).complete(delays)
                part.replace(path)
            else:
                # The time of its last use, for those who clean up.
                with suppress(PermissionError):
                    os.utime(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            part.unlink(missing_ok=True)
        raise SiteError(
            f"{filename} could not be stored.",
            cause=f"{error.filename or part}: {error.strerror or error}",
            remedy=f"Free some space in {into}, and check its permissions.",
            reference="download-not-stored",
        ) from error
    return path


class _Download:
    """One download: its attempts share a partial file and its validator, so that they resume the same file."""

    def __init__(self, url: str, sha256: str, part: Path, progress: Progress) -> None:
        self._url = url
        self._sha256 = sha256
        self._part = part
        self._progress = progress
        self._etag = ""

    def complete(self, delays: Sequence[float]) -> None:
        """Complete and verify the partial file."""
        import time

        waits = iter(delays)
        while True:
            try:
                self._try()
            except _TryAgainError as error:
                delay = next(waits, None)
                if delay is None:
                    raise self._gave_up(str(error), tries=len(delays) + 1) from error
                time.sleep(delay)
            else:
                return

    def _try(self) -> None:
        # An OSError here comes from the disk: errors of the network have been converted.
        with _open_own(self._part) as file:
            start = file.tell()
            response = self._open(start)
            with response:
                if start and response.status != 206:
                    start = 0
                    file.truncate(0)
                self._etag = response.headers.get("ETag", "")
                length = response.headers.get("Content-Length", "")
                total = start + int(length) if length.isdigit() else None
                done = self._receive(response, file, start, total)
        if total is not None and done < total:
            raise _TryAgainError(f"the connection ended after {done} of {total} bytes")
        self._verify(may_retry=start > 0 or total is None)

    def _open(self, start: int) -> Any:
        import http.client
        import urllib.error
        import urllib.request

        from layerwright.process.authority import request_to

        try:
            request = request_to(self._url, {})
            if start:
                request.add_header("Range", f"bytes={start}-")
                if self._etag and not self._etag.startswith("W/"):
                    request.add_header("If-Range", self._etag)
            return urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310  # schemes: _refuse
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:
                self._part.unlink()
            if error.code in _WORTH_ANOTHER_TRY:
                raise _TryAgainError(f"the server answered {error.code} {error.reason}") from error
            raise self._refused(f"The server answered {error.code} {error.reason}.") from error
        except urllib.error.URLError as error:
            if request.type == "file":
                raise self._refused(f"{error.reason}.") from error
            raise _TryAgainError(str(error.reason)) from error
        except ValueError as error:
            raise self._refused(f"It is not a URL: {error}.") from error
        except (OSError, http.client.HTTPException) as error:
            raise _TryAgainError(f"{type(error).__name__}: {error}") from error

    def _receive(self, response: Any, file: IO[bytes], done: int, total: int | None) -> int:
        import http.client

        self._progress(done, total)
        while True:
            try:
                chunk = response.read(_CHUNK)
            except (OSError, http.client.HTTPException) as error:
                raise _TryAgainError(f"the connection broke after {done} bytes: {error}") from error
            if not chunk:
                return done
            file.write(chunk)
            done += len(chunk)
            self._progress(done, total)

    def _verify(self, *, may_retry: bool) -> None:
        actual = _digest(self._part)
        if actual == self._sha256:
            return
        self._part.unlink()
        if may_retry:
            raise _TryAgainError("the data is truncated, or does not continue that of an earlier attempt")
        raise SiteError(
            f"{redacted(self._url)} does not match its checksum.",
            cause=f"Its SHA-256 is {actual}, not {self._sha256}. The file was deleted.",
            remedy="If this is a mirror, refresh its copy. The file may have been tampered with.",
            reference="download-checksum",
        )

    def _gave_up(self, cause: str, *, tries: int) -> SiteError:
        return SiteError(
            f"{redacted(self._url)} could not be downloaded.",
            cause=f"After {tries} attempts: {redacted(cause)}.",
            remedy=(
                "Check that this machine can reach the URL above (HTTPS_PROXY and NO_PROXY are honoured).",
                "Build again: the download resumes where it stopped.",
                "Or configure a mirror that this machine can reach.",
            ),
            reference="download-failed",
            transient=True,
        )

    def _refused(self, cause: str) -> SiteError:
        return SiteError(
            f"{redacted(self._url)} could not be downloaded.",
            cause=redacted(cause),
            remedy=(
                "If this is a mirror, check its URL and credentials, and that it has this file.",
                "Or request another version.",
            ),
            reference="download-refused",
        )


def _refuse(url: str, sha256: str) -> None:
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise SiteError(
            f"{redacted(url)} has no checksum.",
            cause="Its contents could not be verified, so it is not downloaded.",
            remedy="Request another version.",
            reference="download-no-checksum",
        )
    if not url.startswith(("https://", "http://", "file://")):
        raise SiteError(
            f"{redacted(url)} cannot be downloaded.",
            cause="It is not an https://, http:// or file:// URL.",
            remedy="Correct the URL of the mirror.",
            reference="download-address",
        )


def _digest(path: Path) -> str:
    import hashlib

    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _open_own(path: Path) -> IO[bytes]:
    """Open the file at *path* for appending, but not through a link of another user."""
    return open(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o644), "ab")  # noqa: PTH123


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    import fcntl

    with _open_own(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
