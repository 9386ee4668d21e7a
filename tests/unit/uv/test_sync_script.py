"""What has changed without a new version is installed again."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright_uv import sync_script

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = ["* 1", "acme==1.0 a", "base==1.0 b", "shop== c"]


@pytest.mark.parametrize(
    ("now", "options"),
    [
        (BEFORE, []),
        (
            ["* 1", "acme==1.0 x", "base==1.0 b", "shop== y"],
            ["--reinstall-package=acme", "--reinstall-package=shop"],
        ),
        (["* 1", "acme==1.1 x", "extra==1.0 e"], []),
        (["* 2", "acme==1.0 x"], ["--reinstall"]),
    ],
)
def test_what_is_the_same_version_and_not_the_same_is_installed_again(
    now: list[str], options: list[str]
) -> None:
    assert sync_script.options(BEFORE, now) == options


def test_in_a_new_environment_nothing_is_there_to_be_replaced() -> None:
    assert sync_script.options([], BEFORE) == []


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    calls: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _path, argv: calls.append(argv))
    return calls


def test_the_script_becomes_uv_and_records_what_it_installs(
    tmp_path: Path,
    executed: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = tmp_path / "record.txt"
    for text in ("* 1\nacme==1.0 a\n", "* 1\nacme==1.0 b\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        sync_script.main([str(record), "uv", "sync"])
        assert record.read_text() == text

    assert executed == [["uv", "sync"], ["uv", "sync", "--reinstall-package=acme"]]
    assert capsys.readouterr().out == "Changed without a new version, hence: --reinstall-package=acme\n"
    assert list(tmp_path.iterdir()) == [record]


def test_the_record_of_the_last_build_is_replaced_and_not_overwritten(
    tmp_path: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    record, kept = tmp_path / "record.txt", tmp_path / "kept.txt"
    record.write_text("* 1\n")
    kept.hardlink_to(record)
    monkeypatch.setattr(sys, "stdin", io.StringIO("* 2\n"))

    sync_script.main([str(record), "uv"])

    assert (kept.read_text(), record.read_text()) == ("* 1\n", "* 2\n")
    assert executed == [["uv", "--reinstall"]]
