"""Which files of an application are in an image, in which layer, and with which modes."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from layerwright.image.layers.application import ApplicationFiles, application_layers
from layerwright.image.layers.tar import DIRECTORY, Member
from layerwright.image.layers.trees import Owner

if TYPE_CHECKING:
    from pathlib import Path

OWNER = Owner(1000, 1001)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    app.mkdir()
    return app


def write(app: Path, *names: str) -> None:
    for name in names:
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(name)


def members(layer: ApplicationFiles) -> dict[str, Member]:
    return {os.fsdecode(member.name): member for member, _ in layer.members()}


def only(app: Path, *exclude: str, without: tuple[Path, ...] = ()) -> ApplicationFiles:
    [layer] = application_layers(app, "/workspace", OWNER, exclude=exclude, without=without)
    return layer


def names(app: Path, *exclude: str, without: tuple[Path, ...] = ()) -> list[str]:
    return list(members(only(app, *exclude, without=without)))


def test_files_are_in_the_order_of_their_paths(app: Path) -> None:
    write(app, "a/b", "a-b", "z")
    assert names(app) == ["/workspace", "/workspace/a", "/workspace/a-b", "/workspace/a/b", "/workspace/z"]


def test_modes_say_no_more_than_executable_and_owners_are_those_configured(app: Path) -> None:
    write(app, "private", "program", "folder/file")
    for name, mode in {"private": 0o600, "program": 0o710, "folder": 0o770}.items():
        (app / name).chmod(mode)
    found = members(only(app))
    assert {name: member.mode for name, member in found.items()} == {
        "/workspace": 0o755,
        "/workspace/folder": 0o755,
        "/workspace/folder/file": 0o644,
        "/workspace/private": 0o644,
        "/workspace/program": 0o755,
    }
    assert {(member.uid, member.gid) for member in found.values()} == {OWNER}
    assert found["/workspace/folder"].kind == DIRECTORY


def test_repositories_caches_environments_secrets_and_records_are_left_out(app: Path) -> None:
    left_out = (".git/config", "a/__pycache__/x.pyc", ".venv/bin/python", ".env", ".layerwright/build.json")
    write(app, "main.py", "a/b.py", "env/pyvenv.cfg", "env/lib/x.py", *left_out)
    assert names(app) == ["/workspace", "/workspace/a", "/workspace/a/b.py", "/workspace/main.py"]


def test_patterns_name_files_anywhere_or_by_their_path(app: Path) -> None:
    write(app, "a.log", "sub/b.log", "docs/x", "sub/docs/y", "out/image")
    found = names(app, "*.log", "/docs", without=(app / "out",))
    assert found == ["/workspace", "/workspace/sub", "/workspace/sub/docs", "/workspace/sub/docs/y"]


def test_vendored_files_are_a_layer_below_with_the_directories_above_them(app: Path) -> None:
    write(app, "main.py", "web/node_modules/x/y.js", "web/z.js", "vendor.py")
    vendored, source = application_layers(app, "/workspace", OWNER)
    assert vendored.words == "Application: vendored files"
    assert list(members(vendored)) == [
        "/workspace",
        "/workspace/web",
        "/workspace/web/node_modules",
        "/workspace/web/node_modules/x",
        "/workspace/web/node_modules/x/y.js",
    ]
    assert list(members(source)) == [
        "/workspace",
        "/workspace/main.py",
        "/workspace/vendor.py",
        "/workspace/web",
        "/workspace/web/z.js",
    ]


def test_a_link_into_the_tree_leads_to_the_same_file_in_the_image(app: Path) -> None:
    write(app, "target")
    (app / "inside").symlink_to(app / "target")
    (app / "relative").symlink_to("target")
    (app / "outside").symlink_to("/etc/hosts")
    found = members(only(app))
    targets = {name.rpartition("/")[2]: member.target for name, member in found.items() if member.target}
    assert targets == {"inside": b"/workspace/target", "relative": b"target", "outside": b"/etc/hosts"}


def test_a_socket_is_left_out(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(app)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        assert names(app) == ["/workspace"]


def test_files_at_rest_are_known_without_reading_them(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app, "main.py")
    assert only(app).identity == ""  # it may be written to once more in the same moment
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 5_000_000_000)
    before = only(app).identity
    assert before
    assert before == only(app).identity
    (app / "main.py").chmod(0o755)
    assert only(app).identity != before
