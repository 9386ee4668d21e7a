from __future__ import annotations

import os
from pathlib import Path

import pytest

from layerwright.output.tool_output import ToolOutput
from layerwright.process.redaction import KNOWN


def test_the_file_has_the_commands_and_what_they_printed_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "output.log"
    output = ToolOutput(file)
    assert output.path is None
    output.command("pip install")
    output.line("Collecting acme")
    output.command("compile")
    assert output.path == file
    output.close()
    assert file.read_text() == "$ pip install\nCollecting acme\n$ compile\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_file_of_the_last_build_stays_until_a_command_runs(tmp_path: Path) -> None:
    file = tmp_path / "output.log"
    file.write_text("before")
    os.link(file, tmp_path / "other")
    output = ToolOutput(file)
    output.close()
    assert file.read_text() == "before"
    output.command("pip")
    output.close()
    assert (file.read_text(), (tmp_path / "other").read_text()) == ("$ pip\n", "before")


def test_secrets_are_masked_and_control_characters_escaped(tmp_path: Path) -> None:
    KNOWN.learn(["hunter2hunter2"])
    output = ToolOutput(tmp_path / "output.log")
    output.command("login hunter2hunter2\nagain")
    output.line("https://me:word@example.com/ \x1b]0;title\x07\udcff")
    output.close()
    assert (tmp_path / "output.log").read_text() == (
        "$ login ****\\nagain\nhttps://****@example.com/ \\x1b]0;title\\x07\\udcff\n"
    )


def test_of_too_much_the_beginning_and_the_end_stay(tmp_path: Path) -> None:
    file = tmp_path / "output.log"
    output = ToolOutput(file, most=4000)
    output.command("build")
    for number in range(10_000):
        output.line(f"line {number}")
        assert file.stat().st_size <= 4000
    output.close()
    lines = file.read_text().split("\n")
    assert lines[:2] == ["$ build", "line 0"]
    assert lines.count("… (the middle of the output is left out)") == 1
    assert lines[-2] == "line 9999"


@pytest.mark.parametrize("place", [None, "absent/output.log"])
def test_where_no_file_can_be_written_there_is_none(tmp_path: Path, place: str | None) -> None:
    output = ToolOutput(tmp_path / place if place else None)
    output.command("pip")
    output.line("Collecting")
    output.close()
    assert output.path is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_ends_the_file_and_not_the_build(tmp_path: Path) -> None:
    (tmp_path / "output.log").touch()
    output = ToolOutput(tmp_path / "output.log")
    output.command("pip")
    assert output._file is not None
    output._file.close()
    with Path("/dev/full").open("r+b", buffering=0) as full:
        output._file = full
        output.line("more")
        assert full.closed
    assert output.path is None
