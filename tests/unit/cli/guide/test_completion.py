"""Completion, by the shells themselves where this machine has them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

CASES = [
    ("bui", ["build"]),
    ("config ", ["get", "schema", "set", "unset"]),
    ("cache pr", ["prune"]),
    ("cache prune --d", ["--dry-run"]),
    ("build --cl", ["--clean"]),
    ("package --api 0.1", ["0.10", "0.11", "0.12"]),
    ("run --app fol", ["folder"]),
    ("run python fi", ["file.py"]),
]
BASH = """
source "$1"
COMP_WORDS=(layerwright "${@:2}")
COMP_CWORD=$(($# - 1))
_shtab_layerwright
printf '%s\\n' "${COMPREPLY[@]}"
"""


def script(shell: str, directory: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    if shutil.which(shell) is None:
        pytest.skip(f"this machine has no {shell}")
    assert main(["completion", shell]) == 0
    # The name under which zsh loads it.
    file = directory / "_layerwright"
    file.write_text(capsys.readouterr().out)
    (directory / "folder").mkdir()
    (directory / "file.py").touch()
    return file


@pytest.mark.parametrize(("line", "words"), CASES)
def test_bash_completes_commands_options_and_files(
    line: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = script("bash", tmp_path, capsys)
    shown = subprocess.check_output(
        ["bash", "--norc", "-c", BASH, "bash", file, *line.split(" ")],
        cwd=tmp_path,
        text=True,
        stderr=subprocess.DEVNULL,
    )
    assert sorted(shown.split()) == words


@pytest.mark.parametrize(("line", "words"), CASES)
def test_fish_completes_commands_options_and_files(
    line: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = script("fish", tmp_path, capsys)
    shown = subprocess.check_output(
        ["fish", "--no-config", "-c", f"source {file}; complete -C 'layerwright {line}'"],
        cwd=tmp_path,
        text=True,
    )
    assert sorted(each.split("\t")[0].rstrip("/") for each in shown.splitlines()) == words


def test_zsh_can_load_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = script("zsh", tmp_path, capsys)
    assert file.read_text().startswith("#compdef layerwright\n")
    load = f"fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -D; print $_comps[layerwright]"
    assert subprocess.check_output(["zsh", "-f", "-c", load], text=True) == "_layerwright\n"
    subprocess.run(["zsh", "-f", "-n", file], check=True)


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["completion", "csh"])
    assert "invalid choice: 'csh' (choose from " in capsys.readouterr().err


def test_only_completion_imports_its_library() -> None:
    code = "import sys; from layerwright.cli.main import main; main(['help', 'run']); print('shtab' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).endswith("\nFalse\n")
