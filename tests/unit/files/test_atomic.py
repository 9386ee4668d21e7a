from __future__ import annotations

import errno
import os
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from layerwright.files.atomic import sync_file_system, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Make the kernel refuse to write more than *size* bytes to a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_written_file_is_readable_by_everyone_whatever_the_umask_says(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.toml", "")

    assert (tmp_path / "a.toml").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    write_atomically(path, "old = true")

    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        write_atomically(path, "new = true\n" * 100)

    assert path.read_text() == "old = true"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_write_left_behind_is_gone_after_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "absent" / "a.toml", "")
    (tmp_path / ".a.toml.tmp").write_text("half of a longer fil")

    write_atomically(path, "new = true")

    assert path.read_text() == "new = true"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("link", ["link", "symlink"])
def test_a_link_in_the_place_of_the_temporary_file_is_not_written_through(tmp_path: Path, link: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    getattr(os, link)(victim, tmp_path / ".a.toml.tmp")

    write_atomically(tmp_path / "a.toml", "new = true")

    assert victim.read_text() == "untouched"
    assert (tmp_path / "a.toml").read_text() == "new = true"


def test_a_file_that_appears_in_the_place_of_the_temporary_one_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".a.toml.tmp").symlink_to(tmp_path / "victim")
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_, **__: None)
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "a.toml", "new = true")
    assert not (tmp_path / "victim").exists()


class Library:
    """The C library, as far as it is asked for ``syncfs``, which answers *status*."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.synced: list[bool] = []

    def syncfs(self, descriptor: int) -> int:
        self.synced.append(os.path.isdir(f"/proc/self/fd/{descriptor}"))  # noqa: PTH112
        return self.status


def test_the_file_system_of_a_directory_is_synced_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_file_system(tmp_path)
    library = Library(0)
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: library)
    monkeypatch.delattr(os, "sync")
    sync_file_system(tmp_path)
    assert library.synced == [True]


def test_what_cannot_be_synced_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: Library(-1))
    monkeypatch.setattr("ctypes.get_errno", lambda: errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        sync_file_system(tmp_path)


def test_where_one_file_system_cannot_be_synced_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[None] = []
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
    monkeypatch.setattr(os, "sync", lambda: synced.append(None))
    sync_file_system(tmp_path)
    assert synced == [None]


def test_text_that_is_not_utf_8_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "a.toml", "\udcff")

    assert not list(tmp_path.iterdir())
