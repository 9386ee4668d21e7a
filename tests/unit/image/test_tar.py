"""The bytes of archives: what a reader finds, and the digests that Go's ``archive/tar`` gives."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest

from layerwright.image.layers.tar import DIRECTORY, END, FILE, LINK, TIME, Member, header, padding


def read(member: Member) -> tarfile.TarInfo:
    content = bytes(min(member.size, 4096))
    archive = header(member) + content + padding(len(content)) + END
    with tarfile.open(fileobj=io.BytesIO(archive), errors="surrogateescape") as opened:
        found = opened.next()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("member", "digest"),
    [
        (Member(b"/a", FILE, 0o644, 1000, 1000, 5), "c173851b"),
        (Member(b"/layers/" + b"d" * 60 + b"/" + b"f" * 60, FILE, 0o755, 0, 0), "4ccddcb4"),
        (Member(b"/" + b"n" * 120, DIRECTORY, 0o755, 0, 0), "06bda7c4"),
        (Member("/é".encode(), LINK, 0o777, 0, 0, target=b"t" * 99 + b"/" + b"t" * 9), "53dfdb8a"),
        (Member(b"/big", FILE, 0o644, 0o7777777 + 1, 0, 0o77777777777 + 1), "d7528bc8"),
    ],
)
def test_a_header_has_the_bytes_that_the_lifecycle_writes(member: Member, digest: str) -> None:
    assert hashlib.sha256(header(member)).hexdigest()[:8] == digest


@pytest.mark.parametrize(
    "name",
    ["/a", "/" + "n" * 99, "/" + "n" * 100, "/" + "d" * 150 + "/f", "/" + "d" * 160 + "/" + "f" * 90, "/é/ü"],
)
def test_a_name_of_any_length_and_letters_is_read_as_it_was(name: str) -> None:
    found = read(Member(name.encode(), FILE, 0o640, 7, 8, 3))
    assert (found.name, found.mode, found.uid, found.gid, found.size, found.mtime) == (
        name,
        0o640,
        7,
        8,
        3,
        TIME,
    )
    assert found.isreg()
    assert found.uname == found.gname == ""


@pytest.mark.parametrize("target", ["../a", "/" + "t" * 300, "ü"])
def test_a_target_of_any_length_and_letters_is_read_as_it_was(target: str) -> None:
    found = read(Member(b"/link", LINK, 0o777, 0, 0, target=target.encode()))
    assert found.issym()
    assert found.linkname == target


def test_numbers_too_large_for_the_fields_are_read_as_they_were() -> None:
    found = read(Member(b"/big", FILE, 0o644, 3_000_000, 4_000_000, 9 << 30))
    assert (found.uid, found.gid, found.size) == (3_000_000, 4_000_000, 9 << 30)
