"""The grammar of the command line: what is understood, what is suggested, what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.main import main
from layerwright.cli.parser import build_parser, commands_of, parse

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = commands_of(build_parser())


@pytest.mark.parametrize(
    ("words", "app", "process", "arguments"),
    [
        ("", ".", None, []),
        ("web", ".", "web", []),
        ("folder", ".", "folder", []),
        ("python -c print(1)", ".", "python", ["-c", "print(1)"]),
        ("python --layers x --app y -h", ".", "python", ["--layers", "x", "--app", "y", "-h"]),
        ("python -- x", ".", "python", ["--", "x"]),
        ("--app folder web -v", "folder", "web", ["-v"]),
        ("--app=folder web --", "folder", "web", ["--"]),
        ("--layers there --app folder", "folder", None, []),
        ("-- --port 9000", ".", None, ["--port", "9000"]),
        ("--app folder -- web --", "folder", None, ["web", "--"]),
        ("./folder", "./folder", None, []),
        ("./folder web -v", "./folder", "web", ["-v"]),
        ("./folder web -- -v", "./folder", "web", ["-v"]),
        ("./folder -- -v", "./folder", None, ["-v"]),
        (". web", ".", "web", []),
        ("./folder/script x", ".", "./folder/script", ["x"]),
    ],
)
def test_everything_after_the_process_is_passed_on_as_it_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    app: str,
    process: str | None,
    arguments: list[str],
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "script").touch()
    monkeypatch.chdir(tmp_path)

    parsed = parse(["run", *words.split()])

    assert (parsed.app or ".", parsed.process, parsed.arguments) == (app, process, arguments)


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: layerwright ")
    # The width of the column depends on the version of Python.
    assert re.match(r"    detect +show which", shown.partition("\ncommands:\n")[2])
    assert shown.endswith("\nlayerwright help COMMAND describes a command.\n")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("columns", [60, 80, 200])
def test_help_for_a_command_fits_the_terminal_and_is_no_wider_than_one_reads(
    name: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    assert main(["help", *name.split()]) == 0
    shown = capsys.readouterr().out
    with pytest.raises(SystemExit, match="0"):
        main([*name.split(), "--help"])

    assert shown == capsys.readouterr().out
    assert shown.startswith(f"usage: layerwright {name} [-h]")
    assert max(map(len, shown.splitlines())) <= min(columns, 100)


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version_is_shown(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([option])
    assert capsys.readouterr().out.startswith("layerwright ")


@pytest.mark.parametrize(
    ("words", "problem", "more"),
    [
        ("biuld", "There is no command biuld; did you mean build?", "The commands: layerwright help"),
        ("xyz", "There is no command xyz.", "The commands: layerwright help"),
        ("help confg", "There is no command confg; did you mean config?", "The commands: layerwright help"),
        (
            "plugins chek x",
            "There is no command plugins chek; did you mean check?",
            "The commands: layerwright help",
        ),
        ("plugins xyz", "There is no command plugins xyz.", "The commands: layerwright help"),
        ("plugins --json xyz", "Unexpected: xyz", "Usage: layerwright help plugins"),
        ("config --xyz", "layerwright config has no option --xyz.", "Usage: layerwright help config"),
        (
            "--verison",
            "layerwright has no option --verison; did you mean --version?",
            "The commands: layerwright help",
        ),
        (
            "build --claen=yes",
            "layerwright build has no option --claen; did you mean --clean?",
            "Usage: layerwright help build",
        ),
        ("cache --al", "layerwright cache has no option --al.", "Usage: layerwright help cache"),
        ("build --xyz", "layerwright build has no option --xyz.", "Usage: layerwright help build"),
        (
            "build --exec test",
            "layerwright build has no option --exec; did you mean --exec-env?",
            "Usage: layerwright help build",
        ),
        ("build a b", "Unexpected: b", "Usage: layerwright help build"),
        ("build -- x", "Only run takes arguments after --.", "Usage: layerwright help build"),
        ("build --run-image x", "--run-image needs --lifecycle.", "Usage: layerwright help build"),
        (
            "run --layer x web",
            "layerwright run has no option --layer; did you mean --layers?",
            "Usage: layerwright help run",
        ),
        (
            "config set pip.launch",
            "The following arguments are required: VALUE",
            "Usage: layerwright help config set",
        ),
    ],
)
def test_misuse_ends_with_2_a_suggestion_and_where_to_read_more(
    words: str, problem: str, more: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words.split())
    assert capsys.readouterr().err == f"Error: {problem}\n{more}\n"


def test_a_directory_is_not_taken_for_a_misspelt_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sett").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parse(["config", "sett"]).app == "sett"
    assert parse(["config", "elsewhere"]).app == "elsewhere"
