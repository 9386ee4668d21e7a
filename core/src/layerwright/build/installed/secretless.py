"""Removes secrets from files that package managers write: in the virtual environment, in a cache, in a report."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import DIST_INFO
from layerwright.files.atomic import write_atomically
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.contract.sameness import Resolved

__all__ = ["hide_in_metadata", "holds_secret", "new_report", "read_report", "without_secrets"]

_DIRECT_URL: Final = "direct_url.json"
_RECORD: Final = "RECORD"
_LARGEST_METADATA: Final = 1_000_000
_LARGEST_CACHED: Final = 8_000_000


def without_secrets(resolved: Iterable[Resolved]) -> tuple[Resolved, ...]:
    """Return *resolved* without secrets in URLs, ready to be recorded."""
    return tuple(replace(d, url=KNOWN.masked_url(d.url)) if d.url else d for d in resolved)


def hide_in_metadata(site_packages: Path) -> None:
    """Remove secrets from the metadata of every distribution in *site_packages*, and update its ``RECORD``.

    An archive's URL is in ``direct_url.json`` (PEP 610), and build backends write requirements into ``METADATA``.
    """
    pattern = f"*{DIST_INFO}/*" if KNOWN.any else f"*{DIST_INFO}/{_DIRECT_URL}"
    for file in site_packages.glob(pattern):
        if file.name == _RECORD or not file.is_file() or file.stat().st_size > _LARGEST_METADATA:
            continue
        before = file.read_bytes()
        text = before.decode(errors="surrogateescape")
        # Elsewhere, a URL with credentials may be an example in a description.
        hidden = KNOWN.masked_url(text) if file.name == _DIRECT_URL else KNOWN.masked_values(text)
        if hidden != text:
            after = hidden.encode(errors="surrogateescape")
            # Replaced, not overwritten: the last build or a cache shares the file by a hard link.
            write_atomically(file, after)
            _record(file, after)


def holds_secret(cache: Path, *, since: float) -> bool:
    """Return whether a file of *cache* written after *since*, in seconds since the epoch, contains a secret."""
    if not KNOWN.any:
        return False
    for parent, _, names in os.walk(cache):
        for path in (Path(parent, name) for name in names):
            with suppress(OSError):
                status = path.lstat()
                is_new = stat.S_ISREG(status.st_mode) and status.st_mtime >= since
                if is_new and status.st_size <= _LARGEST_CACHED and KNOWN.are_in(path.read_bytes()):
                    return True
    return False


def new_report(path: Path) -> None:
    """Create an empty file at *path* that only its owner can read: pip's reports contain the URLs of archives."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))


def read_report(path: Path) -> str:
    """Return the text of the report at *path*; a ``FileNotFoundError`` if it was not written."""
    text = path.read_text(encoding="utf-8")
    if not text:
        raise FileNotFoundError(f"nothing was written to {path}")
    return text


def _record(file: Path, content: bytes) -> None:
    """Update the line of *file* in the ``RECORD`` next to it."""
    from base64 import urlsafe_b64encode
    from hashlib import sha256

    record = file.with_name(_RECORD)
    digest = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
    name = f"{file.parent.name}/{file.name},"
    with suppress(OSError):
        lines = record.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        new = [f"{name}sha256={digest},{len(content)}" if line.startswith(name) else line for line in lines]
        write_atomically(record, "".join(f"{line}\n" for line in new).encode(errors="surrogateescape"))
