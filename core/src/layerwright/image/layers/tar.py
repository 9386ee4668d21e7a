"""The bytes of tar archives, as the lifecycle writes them with Go's ``archive/tar``.

USTAR, and PAX where a value does not fit. Python's :mod:`tarfile` splits long names at another place, so its archives
have other digests. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
"""

from __future__ import annotations

import posixpath
from typing import Final, NamedTuple

__all__ = ["DIRECTORY", "END", "FILE", "LINK", "TIME", "Member", "header", "padding"]

TIME: Final = 315532801
"""The time of every member, as the lifecycle sets it: 1980-01-01T00:00:01Z, in seconds since the epoch."""
FILE: Final = b"0"
LINK: Final = b"2"
DIRECTORY: Final = b"5"
END: Final = bytes(1024)
"""What follows the last member."""

_BLOCK: Final = 512
_NAME: Final = 100
_PREFIX: Final = 155
_LARGEST_SIZE: Final = 0o77777777777
_LARGEST_ID: Final = 0o7777777
_EXTENDED: Final = b"x"
_CHECKSUM: Final = slice(148, 156)


class Member(NamedTuple):
    """A member of an archive: its name and the target of a link in bytes, permissions, owner, and size."""

    name: bytes
    kind: bytes
    mode: int
    uid: int
    gid: int
    size: int = 0
    target: bytes = b""


def header(member: Member) -> bytes:
    """Return the bytes in front of the content of *member*."""
    split = _split(member.name)
    records = {}
    if _does_not_fit(member.name):
        records[b"path"] = member.name
    if _does_not_fit(member.target):
        records[b"linkpath"] = member.target
    for key, number, largest in (
        (b"uid", member.uid, _LARGEST_ID),
        (b"gid", member.gid, _LARGEST_ID),
        (b"size", member.size, _LARGEST_SIZE),
    ):
        if number > largest:
            records[key] = b"%d" % number
    if not records or (records.keys() == {b"path"} and split is not None):
        prefix, name = split or (b"", member.name)
        return _block(member, name, member.target, prefix)
    content = b"".join(_record(key, value) for key, value in sorted(records.items()))
    folder, _, file = member.name.rpartition(b"/")
    named = _ascii(posixpath.normpath(posixpath.join(folder + b"/", b"PaxHeaders.0", file)))[:_NAME]
    # Go leaves the owner of this block at 0 and the device numbers out.
    extended = _summed(
        _fields(named.rstrip(b"/"), 0, 0, 0, len(content), 0, _EXTENDED, b"") + bytes(_BLOCK - 265)
    )
    return b"".join(
        (
            extended,
            content,
            padding(len(content)),
            _block(member, _truncated(member.name), _truncated(member.target), b""),
        )
    )


def padding(size: int) -> bytes:
    """Return the bytes that follow a content of *size* bytes."""
    return bytes(-size % _BLOCK)


def _block(member: Member, name: bytes, target: bytes, prefix: bytes) -> bytes:
    fields = _fields(
        name,
        member.mode,
        member.uid if member.uid <= _LARGEST_ID else 0,
        member.gid if member.gid <= _LARGEST_ID else 0,
        member.size if member.size <= _LARGEST_SIZE else 0,
        TIME,
        member.kind,
        target,
    )
    return _summed(fields + bytes(64) + b"0000000\0" * 2 + prefix.ljust(_PREFIX + 12, b"\0"))


def _fields(
    name: bytes, mode: int, uid: int, gid: int, size: int, time: int, kind: bytes, target: bytes
) -> bytes:
    return b"%s%07o\0%07o\0%07o\0%011o\0%011o\0        %s%sustar\x0000" % (
        name.ljust(_NAME, b"\0"),
        mode,
        uid,
        gid,
        size,
        time,
        kind,
        target.ljust(_NAME, b"\0"),
    )


def _summed(block: bytes) -> bytes:
    return b"%s%06o\0 %s" % (block[: _CHECKSUM.start], sum(block), block[_CHECKSUM.stop :])


def _does_not_fit(text: bytes) -> bool:
    return len(text) > _NAME or not text.isascii()


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Return *name* as prefix and name of a header; ``None`` if it needs no prefix, or cannot be split."""
    if len(name) <= _NAME or not name.isascii():
        return None
    at = name.rfind(b"/", 0, min(len(name), _PREFIX + 1))
    rest = name[at + 1 :]
    return (name[:at], rest) if at > 0 and 0 < len(rest) <= _NAME else None


def _record(key: bytes, value: bytes) -> bytes:
    """Return a record of an extended header, which begins with its own length."""
    rest = b" %s=%s\n" % (key, value)
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return b"%d%s" % (length, rest)


def _truncated(text: bytes) -> bytes:
    """Return what a reader sees that does not know extended headers."""
    plain = _ascii(text)
    if len(plain) > _NAME and plain[_NAME - 1 : _NAME] == b"/":
        # Some readers would take it for a directory.
        kept = plain[: _NAME - 1].rstrip(b"/")
        return kept + b"\0" + plain[len(kept) + 1 : _NAME]
    return plain[:_NAME]


def _ascii(text: bytes) -> bytes:
    return bytes(byte for byte in text if byte < 0x80)
