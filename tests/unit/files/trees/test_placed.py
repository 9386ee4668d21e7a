"""Files with the path of their layer, or of sources, are at another path as if they were made there."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees.placed import Moves, PathsError, Rewritten, find_placed, rewritten

if TYPE_CHECKING:
    from pathlib import Path

LONG = "/" + "long/" * 30 + "layers"
MOVES = Moves({"/home/me/layers": "/layers/x"}, {"/app": "/workspace"})


def moved(layer: Path, moves: Moves = MOVES) -> Rewritten:
    return rewritten(find_placed(layer, moves), layer, moves)


def script(layer: Path, text: str) -> Path:
    (layer / "serve").write_text(text)
    return layer


def test_texts_and_links_lead_to_the_new_path(tmp_path: Path) -> None:
    script(tmp_path, "#!/home/me/layers/venv/bin/python\n/home/me/layers-2 /app\n")
    (tmp_path / "python").symlink_to("/home/me/layers/python/bin/python3")
    (tmp_path / "other").symlink_to("/app")
    found = moved(tmp_path)
    # A directory with a longer name is another one, and the application's path may mean anything in a program.
    assert found.contents == {"serve": b"#!/layers/x/venv/bin/python\n/home/me/layers-2 /app\n"}
    assert found.links == {"python": b"/layers/x/python/bin/python3"}


@pytest.mark.parametrize("name", ["x.pth", "direct_url.json", "__editable___x_finder.py", "x.egg-link"])
def test_a_file_that_records_where_a_source_is_leads_to_its_new_path(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("file:///app/lib /home/me/layers")
    assert moved(tmp_path).contents == {name: b"file:///workspace/lib /layers/x"}


def test_a_record_has_the_hash_and_the_size_of_the_new_content(tmp_path: Path) -> None:
    info = tmp_path / "x-1.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text("/app")
    (info / "RECORD").write_bytes(b"x-1.dist-info/direct_url.json,sha256=old,4\r\nx.py,sha256=same,1\r\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"/workspace").digest()).rstrip(b"=").decode()
    assert moved(tmp_path).contents["x-1.dist-info/RECORD"].decode().split("\r\n") == [
        f"x-1.dist-info/direct_url.json,sha256={digest},10",
        "x.py,sha256=same,1",
        "",
    ]


@pytest.mark.parametrize("name", ["../x.pth", "{layer}/x.pth", "./../lib/../x.pth"])
def test_a_record_may_name_a_file_by_any_path(tmp_path: Path, name: str) -> None:
    info = tmp_path / "lib" / "x-1.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "x.pth").write_text("/app")
    name = name.format(layer=tmp_path)
    (info / "RECORD").write_text(f"{name},sha256=old,4\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"/workspace").digest()).rstrip(b"=").decode()
    record = moved(tmp_path).contents["lib/x-1.dist-info/RECORD"].decode()
    assert record == f"{name},sha256={digest},10\n"


@pytest.mark.parametrize("old", ["/home/me/layers", "/home/me/My layers", "/home/me/Ann's layers"])
@pytest.mark.parametrize("new", ["/layers/x", "/a b/layers", "/home/me"])
@pytest.mark.parametrize("name", ["activate", "activate.csh"])
def test_what_a_shell_reads_has_quotes_only_where_the_new_path_needs_them(
    tmp_path: Path, old: str, new: str, name: str
) -> None:
    (tmp_path / "bin").mkdir()
    form = "    export VIRTUAL_ENV={0}\n VIRTUAL_ENV=$(cygpath {0})\nsetenv VIRTUAL_ENV {0}\necho 'done'\n"
    (tmp_path / "bin" / name).write_text(form.format(shlex.quote(f"{old}/venv")))
    moves = Moves({old: new})
    assert moved(tmp_path, moves).contents == {
        f"bin/{name}": form.format(shlex.quote(f"{new}/venv")).encode()
    }


def test_what_a_shell_reads_may_have_quotes_of_its_own(tmp_path: Path) -> None:
    # Releases before venv quoted the path have these, and they stay.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "activate").write_text('VIRTUAL_ENV="/home/me/layers/venv"\n')
    assert moved(tmp_path).contents == {"bin/activate": b'VIRTUAL_ENV="/layers/x/venv"\n'}


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_script_that_a_shell_starts_because_of_a_long_path_is_plain_at_a_short_one(
    tmp_path: Path, quote: str
) -> None:
    first = f"#!/bin/sh\n'''exec' {quote}{LONG}/venv/bin/python{quote} \"$0\" \"$@\"\n' '''\nprint()\n"
    script(tmp_path, first)
    assert moved(tmp_path, Moves({LONG: "/layers/x"})).contents == {
        "serve": b"#!/layers/x/venv/bin/python\nprint()\n"
    }
    # Where the new path is as long, a shell is still needed.
    assert moved(tmp_path, Moves({LONG: f"{LONG}2"})).contents["serve"].startswith(b"#!/bin/sh\n")


@pytest.mark.parametrize("new", [LONG, "/with a space"])
def test_a_script_that_would_need_a_shell_at_the_new_path_is_refused(tmp_path: Path, new: str) -> None:
    script(tmp_path, "#!/l/python\n")
    with pytest.raises(PathsError, match="serve would need another first line"):
        moved(tmp_path, Moves({"/l": new}))


def test_a_program_that_mentions_the_path_after_its_first_line_keeps_that_line(tmp_path: Path) -> None:
    script(tmp_path, "#!/usr/bin/env python\n# /l\n")
    assert moved(tmp_path, Moves({"/l": LONG})).contents["serve"].startswith(b"#!/usr/bin/env python\n")


def test_a_binary_file_with_the_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.so").write_bytes(b"\0" + os.fsencode("/home/me/layers"))
    with pytest.raises(PathsError, match=r"x\.so contains the path /home/me/layers"):
        find_placed(tmp_path, MOVES)


def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.dist-info").mkdir()
    (tmp_path / "x.dist-info" / "RECORD").write_bytes(b"\xff")
    (tmp_path / "x.pth").write_text("/app")
    with pytest.raises(PathsError, match="RECORD cannot be read"):
        find_placed(tmp_path, MOVES)
