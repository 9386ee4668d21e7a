from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.main import main
from layerwright.cli.parser import build_parser, commands_of

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = commands_of(build_parser())


@pytest.fixture
def page(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["help", "--man"]) == 0
    return capsys.readouterr().out


def test_the_manual_page_has_every_command_with_its_options(page: str) -> None:
    assert page.startswith('.TH LAYERWRIGHT 1 "" "layerwright ')
    for name, parser in COMMANDS.items():
        section = page.partition(f'\n.SS "layerwright {name} '.rstrip())[2].partition("\n.S")[0]
        for option in parser.options:
            assert option in ("-h", "--help") or option.replace("-", "\\-") in section


def test_text_that_looks_like_a_request_is_text(page: str) -> None:
    lines = page.splitlines()
    assert {line.split()[0] for line in lines if line.startswith(".")} == {".TH", ".SH", ".SS", ".TP"}
    assert not any(line.startswith("'") for line in lines)


def test_man_formats_the_page_without_warnings(page: str, tmp_path: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("this machine has no groff")
    (tmp_path / "layerwright.1").write_text(page)
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-rLL=120n", tmp_path / "layerwright.1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "recreate every layer" in done.stdout
