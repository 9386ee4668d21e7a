from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.buildpack.package.locks import RUNTIME, pinned
from layerwright.errors import UserError
from tests.unit.buildpack.package.samples import MARKERS

if TYPE_CHECKING:
    from pathlib import Path


def lock(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_core_ships_a_lock_of_what_it_depends_on_without_saying_where_from() -> None:
    pins = pinned([RUNTIME], MARKERS)
    assert {"packaging", "pluggy", "pydantic", "pydantic-core", "tomlkit"} <= pins.keys()
    assert "://" not in RUNTIME.read_text()


def test_a_lock_has_one_version_of_each_with_its_hashes(tmp_path: Path) -> None:
    file = lock(
        tmp_path / "more.txt",
        "# made by a tool\n\n"
        "Acme.Client==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb  # via acme\n"
        "other==2 --hash=sha256:cc\n",
    )
    pins = pinned([file], MARKERS)
    assert pins["acme-client"].line == "acme-client==1.0 --hash=sha256:aa --hash=sha256:bb"
    assert pins["other"].origin == f"{file}, line 6"


def test_what_is_for_another_target_is_not_among_them(tmp_path: Path) -> None:
    file = lock(
        tmp_path / "more.txt",
        "a==1 ; sys_platform == 'win32' --hash=sha256:aa\n"
        "a==2 ; python_version >= '3.13' --hash=sha256:bb\n"
        "b==1 ; platform_machine == 'aarch64' --hash=sha256:cc\n",
    )
    assert {name: pin.version for name, pin in pinned([file], MARKERS).items()} == {"a": "2"}


def test_all_that_is_not_locked_is_reported_at_once(tmp_path: Path) -> None:
    file = lock(
        tmp_path / "more.txt",
        "a>=1 --hash=sha256:aa\nb==1.*  --hash=sha256:aa\nc==1\n-r other.txt\n"
        "d==1 --hash=sha256:aa\nd==2 --hash=sha256:bb\n",
    )
    with pytest.raises(UserError) as raised:
        pinned([file], MARKERS)
    lines = raised.value.cause.splitlines()
    assert lines[0] == f"{file}, line 1: a>=1 is not pinned: name==1.2.3"
    assert lines[1] == f"{file}, line 2: b==1.* is not pinned: name==1.2.3"
    assert lines[2] == f"{file}, line 3: c==1 has no hash"
    assert lines[3].startswith(f"{file}, line 4: ")
    assert lines[-1] == f"{file}, line 6: d==2, but {file}, line 5 has 1"


def test_the_same_version_twice_is_no_contradiction(tmp_path: Path) -> None:
    files = [lock(tmp_path / name, "a==1 --hash=sha256:aa\n") for name in ("1.txt", "2.txt")]
    assert pinned(files, MARKERS)["a"].origin == f"{files[0]}, line 1"


def test_a_lock_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    for name in ("absent.txt", "binary.txt"):
        with pytest.raises(UserError) as raised:
            pinned([tmp_path / name], MARKERS)
        assert name in raised.value.summary
