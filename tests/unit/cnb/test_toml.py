from __future__ import annotations

import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb import toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Have the kernel refuse to write more than *size* bytes to a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_is_written_reads_back_as_it_was(tmp_path: Path) -> None:
    document = {"metadata": {"words": 'a "quoted"\nsecond line \\ é', "table": {"key with spaces": ""}}}

    toml.write_atomically(tmp_path / "a.toml", toml.dumps(document))

    assert toml.read(tmp_path / "a.toml") == document


def test_a_written_file_is_readable_by_everyone_whatever_the_umask_says(tmp_path: Path) -> None:
    toml.write_atomically(tmp_path / "a.toml", "")

    assert (tmp_path / "a.toml").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    toml.write_atomically(path, "old = true")

    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        toml.write_atomically(path, "new = true\n" * 100)

    assert path.read_text() == "old = true"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_write_left_behind_is_gone_after_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    with pytest.raises(FileNotFoundError):
        toml.write_atomically(tmp_path / "absent" / "a.toml", "")
    (tmp_path / ".a.toml.tmp").write_text("half of a longer fil")

    toml.write_atomically(path, "new = true")

    assert path.read_text() == "new = true"
    assert list(tmp_path.iterdir()) == [path]


def test_text_that_is_not_utf_8_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        toml.write_atomically(tmp_path / "a.toml", "\udcff")

    assert not list(tmp_path.iterdir())


def test_no_file_is_no_document(tmp_path: Path) -> None:
    assert toml.read(tmp_path / "absent.toml") is None


@pytest.mark.parametrize(
    "content",
    [b"a = ", b"\xff", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000],
    ids=["cut off", "not UTF-8", "nested too deeply", "too large a number"],
)
def test_a_damaged_file_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(content)

    with pytest.raises(ValueError, match=r"."):
        toml.read(tmp_path / "a.toml")
