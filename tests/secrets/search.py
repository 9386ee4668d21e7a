"""Searches files and output for secrets, in every form in which they are likely to be written."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Search", "forms"]

_LARGEST: Final = 20_000_000
# Most files of a site are the same at every search: the interpreter, the tools, and their stored copies.
_CLEAN: Final[set[tuple[int, ...]]] = set()
"""The files without any of the forms, by device, inode, time of change, size and the forms."""


def forms(secret: str) -> dict[str, bytes]:
    """Return the forms of *secret* by their names."""
    data = secret.encode()
    found = {
        "plain": data,
        "percent-encoded": quote(secret, safe="").encode(),
        "HTML": html.escape(secret).encode(),
        "JSON": json.dumps(secret)[1:-1].encode(),
        "SHA-256": hashlib.sha256(data).hexdigest().encode(),
        "SHA-256 of a line": hashlib.sha256(data + b"\n").hexdigest().encode(),
        "SHA-256 in base64": base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"="),
        "reversed": data[::-1],
        "hexadecimal": data.hex().encode(),
    }
    for offset in range(3):
        # As a part of a longer text: without the characters that its neighbours have a part in.
        text = base64.b64encode(b"\0" * offset + data)
        whole = text[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6]
        found[f"base64 at {offset}"] = whole
        found[f"base64 for URLs at {offset}"] = whole.replace(b"+", b"-").replace(b"/", b"_")
    return found


class Search(NamedTuple):
    """What was searched for and where, and what was found."""

    secrets: int
    forms: int
    files: int
    characters: int
    found: tuple[str, ...]

    @classmethod
    def of(
        cls, secrets: Mapping[str, str], places: Iterable[Path], given: Iterable[Path], *printed: str
    ) -> Search:
        """Search files below *places*, their names included, but those that were *given*; and what was *printed*."""
        wanted = {
            f"{name}, {form}": data
            for name, secret in secrets.items()
            for form, data in forms(secret).items()
        }
        left_out = {path.resolve() for path in given}
        looked_for = hash(frozenset(wanted.values()))
        found, count = [], 0
        for path in (path for place in places for path in place.rglob("*")):
            found += [
                f"{what}: in the name {path}" for what, data in wanted.items() if data in str(path).encode()
            ]
            if path.is_symlink() or not path.is_file() or path.resolve() in left_out:
                continue
            count += 1
            status = path.stat()
            identity = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, looked_for)
            if identity in _CLEAN:
                continue
            there = [
                f"{what}: {path}"
                for content in _contents(path)
                for what, data in wanted.items()
                if data in content
            ]
            found += there
            if not there:
                _CLEAN.add(identity)
        for text in printed:
            found += [f"{what}: printed" for what, data in wanted.items() if data in text.encode()]
        return cls(len(secrets), len(wanted), count, sum(map(len, printed)), tuple(dict.fromkeys(found)))


def _contents(path: Path) -> Iterator[bytes]:
    if path.stat().st_size > _LARGEST:
        return
    data = path.read_bytes()
    yield data
    if data.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(data)
