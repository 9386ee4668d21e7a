from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.buildpack.package._place import MARK, check_output, normalise, put, working_directory
from layerwright.cnb.package.buildpackage import MODIFIED
from layerwright.errors import SiteError, UserError
from layerwright.testing.tree import tree

if TYPE_CHECKING:
    from collections.abc import Callable


def ours(path: Path) -> Path:
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "detect").write_text(f"#!/bin/sh\n{MARK}\n")
    return path


def strange_file(path: Path) -> None:
    path.write_text("mine")


def strange_directory(path: Path) -> None:
    path.mkdir()
    (path / "thesis.txt").touch()


def strange_buildpack(path: Path) -> None:
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "detect").write_bytes(b"\xff")


def strange_link(path: Path) -> None:
    path.symlink_to(ours(path.with_name("elsewhere")))


def test_what_is_new_empty_or_ours_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "old.cnb").touch()
    for output in (tmp_path / "new", tmp_path / "empty", ours(tmp_path / "ours"), tmp_path / "old.cnb"):
        check_output(output)


@pytest.mark.parametrize("make", [strange_file, strange_directory, strange_buildpack, strange_link])
def test_what_a_stranger_put_there_stays(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "out")
    with pytest.raises(UserError) as raised:
        check_output(tmp_path / "out")
    assert raised.value.reference == "output-not-ours"


def test_a_directory_in_the_place_of_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "x.cnb").mkdir()
    with pytest.raises(UserError):
        check_output(tmp_path / "x.cnb")


def test_the_working_directory_is_beside_the_output_and_gone_in_the_end(tmp_path: Path) -> None:
    with working_directory(tmp_path / "new" / "out") as work:
        assert work.parent == tmp_path / "new"
        (work / "file").touch()
    assert list((tmp_path / "new").iterdir()) == []


def test_where_nothing_can_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SiteError) as raised, working_directory(tmp_path / "file" / "out"):
        pass
    assert raised.value.reference == "output-not-writable"


def test_modes_and_times_are_those_of_an_image(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "bin").mkdir(parents=True, mode=0o700)
    for name, mode in (("plain", 0o600), ("bin/program", 0o500)):
        (root / name).touch()
        (root / name).chmod(mode)
    (root / "link").symlink_to("/nowhere")

    normalise(root)

    modes = {name: entry.mode for name, entry in tree(root).items() if entry.kind != "link"}
    assert modes == {"bin": "0755", "bin/program": "0755", "plain": "0644"}
    assert {os.lstat(path).st_mtime for path in (root, *root.rglob("*"))} == {MODIFIED}


@pytest.mark.parametrize("there", [True, False])
def test_a_complete_buildpack_takes_its_place(tmp_path: Path, there: bool) -> None:
    made, work = tmp_path / "made", tmp_path / "work"
    made.mkdir()
    work.mkdir()
    if there:
        ours(tmp_path / "out")
    put(made, tmp_path / "out", work)
    assert list((tmp_path / "out").iterdir()) == []
    assert (work / "old").exists() == there


class Interrupted(type(Path())):  # type: ignore[misc]
    """A directory that is interrupted when it is moved."""

    @override
    def replace(self, target: str | os.PathLike[str]) -> Path:
        raise KeyboardInterrupt


@pytest.mark.parametrize("there", [True, False])
def test_interrupted_at_the_last_moment_the_old_one_is_back(tmp_path: Path, there: bool) -> None:
    (tmp_path / "work").mkdir()
    if there:
        ours(tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        put(Interrupted(tmp_path / "made"), tmp_path / "out", tmp_path / "work")
    assert (tmp_path / "out" / "bin" / "detect").exists() == there
