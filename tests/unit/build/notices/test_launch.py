from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.build.explain import explain
from layerwright.build.phase import build
from layerwright.output.log import Log
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "/usr/bin:/bin"
NOT_THERE = """\
The process web (Procfile) cannot start: gunicorn is in no layer, and not in the build image.
Add the distribution that provides it to the application's dependencies, or correct the process.
Ignore this warning if the run image or another buildpack provides it."""


def warnings(
    root: Path, line: str, *, launch_path: str = "", settings: str = "", build_first: bool = True
) -> str:
    """Return what an explanation warns of once the application is built, after the build warned of the same."""
    write_lock(root / "app")
    (root / "app" / "Procfile").write_text(f"web: {line}\n")
    (root / "app" / "layerwright.toml").write_text(settings)
    request = small_request(root, launch_path=launch_path)
    log = io.StringIO()
    if build_first:
        build(request, Log(log, log))
    found = explain(request).warnings
    assert log.getvalue().count("Warning: ") == len(found) * build_first
    return "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "python app.py",
        "serve --fast",
        "bin/start x",
        "env serve",
        "cd src && serve",
        "$SERVER",
        "exec serve $A",
    ],
)
def test_a_process_whose_program_is_there_is_no_surprise(tmp_path: Path, line: str) -> None:
    write_lock(tmp_path / "app")
    start = tmp_path / "app" / "bin" / "start"
    start.parent.mkdir()
    start.touch(0o755)
    image = tmp_path / "image"
    image.mkdir()
    for program in ("python", "serve"):
        (image / program).touch(0o755)
    assert warnings(tmp_path, line, launch_path=f"{image}:{IMAGE}") == ""


def test_a_program_may_be_in_a_layer(tmp_path: Path) -> None:
    assert warnings(tmp_path, "python3.13 app.py") == ""


@pytest.mark.parametrize(
    "line", ["gunicorn app:app", "cat a && gunicorn -b :$PORT app:app", "cd src && gunicorn app:app"]
)
def test_a_program_that_is_nowhere_cannot_start(tmp_path: Path, line: str) -> None:
    assert warnings(tmp_path, line) == NOT_THERE


def test_on_this_machine_nobody_else_brings_a_program(tmp_path: Path) -> None:
    assert warnings(tmp_path, "gunicorn app:app", launch_path=IMAGE).splitlines() == [
        "The process web (Procfile) cannot start: gunicorn is in no layer, and not on this machine's standard PATH.",
        "Add the distribution that provides it to the application's dependencies, or correct the process.",
    ]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("acme run python x.py", "write the command itself, which is on PATH: python x.py"),
        ("acme run x.py", "write the command itself, which is on PATH: python x.py"),
        ("cd . && acme run serve $PORT", None),
    ],
)
def test_what_looks_like_a_launcher_comes_with_the_command_without_it(
    tmp_path: Path, line: str, instead: str | None
) -> None:
    found = warnings(tmp_path, line)
    assert (f"\nIf acme only runs the command after it, {instead}\n" in found) == (instead is not None)


@pytest.mark.parametrize(
    "line",
    ["if gunicorn; then serve; fi", "command -v serve && serve", "cd src && bin/serve", "PATH=/opt gunicorn"],
)
def test_a_program_that_is_started_on_a_condition_or_looked_for_elsewhere_may_be_absent(
    tmp_path: Path, line: str
) -> None:
    assert "cannot start" not in warnings(tmp_path, line)


def test_a_file_that_is_missing_or_cannot_be_executed_cannot_start(tmp_path: Path) -> None:
    absent = "The process web (Procfile) cannot start: there is no file bin/start.\nAdd it, or correct the process."
    assert warnings(tmp_path, "bin/start") == absent
    (tmp_path / "app" / "bin").mkdir()
    (tmp_path / "app" / "bin" / "start").touch(0o644)
    mode = "The process web (Procfile) cannot start: bin/start is not executable.\nRun: chmod +x bin/start"
    assert warnings(tmp_path, "bin/start") == mode
    assert warnings(
        tmp_path, "./start", settings='[processes.web]\ncommand = "./start"\nworking-directory = "bin"\n'
    ) == (
        "The process web (layerwright.toml: processes.web) cannot start: ./start is not executable.\n"
        "Run: chmod +x ./start"
    )


def test_before_the_first_build_no_program_is_missed(tmp_path: Path) -> None:
    assert warnings(tmp_path, "gunicorn app:app", build_first=False) == ""
    assert "is started by Small" in warnings(tmp_path, "small run serve", build_first=False)


@pytest.mark.parametrize("line", ["small run env x", "cd src && small run env x", "small --version"])
def test_what_only_stands_in_for_a_package_manager_is_no_program(tmp_path: Path, line: str) -> None:
    found = warnings(tmp_path, line)
    assert found.startswith(
        "The process web (Procfile) is started by Small, which is not available at launch.\n"
    )
    assert found.endswith("\nOr make Small available at launch: layerwright config set small.launch true")
    assert ("\nUse a command that does not need it.\n" in found) == ("run" not in line)


@pytest.mark.parametrize(
    ("line", "gets"),
    [
        ("env a | cat", "gets neither SIGTERM nor launch arguments: its last command is a pipeline."),
        ('env "$1" &', "gets no SIGTERM: its last command runs in the background."),
    ],
)
def test_a_process_that_no_signal_reaches_is_a_warning(tmp_path: Path, line: str, gets: str) -> None:
    assert warnings(tmp_path, line) == (
        f"The process web (Procfile) {gets}\n"
        "The shell keeps running and does not forward them.\n"
        "End it with one program, or a script that forwards signals."
    )


def test_a_run_image_must_have_bash_for_what_only_bash_understands(tmp_path: Path) -> None:
    assert warnings(tmp_path, "[[ $A ]] && source b && env x") == (
        "The process web (Procfile) needs bash in the run image: other shells do not understand `[[`, `source`.\n"
        "Write it for `sh`, or choose a run image that has bash."
    )


def test_this_machine_must_have_bash_for_what_only_bash_understands(tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.mkdir()
    (image / "env").touch(0o755)
    assert warnings(tmp_path, "source b; env x", launch_path=str(image)) == (
        "The process web (Procfile) needs bash, which is not installed here: other shells do not understand `source`.\n"
        "Write it for `sh`, or install bash."
    )
    (image / "bash").touch(0o755)
    assert warnings(tmp_path, "source b; env x", launch_path=str(image)) == ""
