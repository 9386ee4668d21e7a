from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwright.cnb.launch import Process
from layerwright.config import configure
from layerwright.config_sources import read_sources
from layerwright.errors import UserError
from layerwright.processes import FoundProcess, command, processes
from layerwright.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def found(type_: str, origin: str, *, default: bool = False) -> FoundProcess:
    return FoundProcess(Process(type=type_, command=(origin,), default=default), origin)


def types(of: tuple[FoundProcess, ...]) -> dict[str, str]:
    return {process.type: origin for process, origin in of}


def defaults(of: tuple[FoundProcess, ...]) -> list[str]:
    return [process.type for process, _ in of if process.default]


def procfile(directory: Path, text: str) -> Project:
    (directory / "Procfile").write_text(text)
    return Project(directory)


def test_configuration_wins_over_the_procfile_and_that_over_plugins(tmp_path: Path) -> None:
    project = procfile(tmp_path, "a: x\nb: x\n")
    plugins = [found(type_, origin) for type_ in "ab" for origin in ("plugin", "another plugin")]
    plugins.append(found("c", "plugin"))
    result = processes([found("a", "configuration")], project, plugins)
    assert types(result) == {"a": "configuration", "b": "Procfile", "c": "plugin"}


def test_two_plugins_that_propose_one_type_are_both_named_with_the_line_that_decides(tmp_path: Path) -> None:
    plugins = [
        FoundProcess(Process(type="web", command=("sh", "-c", 'exec serve "$PORT"')), "plugin acme 1.0"),
        FoundProcess(Process(type="web", command=("serve", "a b")), "plugin beta 2.0"),
    ]
    with pytest.raises(UserError) as caught:
        processes([], Project(tmp_path), plugins)
    error = caught.value
    assert error.summary == "More than one plugin proposes the process type web."
    assert error.cause == "plugin acme 1.0: exec serve \"$PORT\"\nplugin beta 2.0: serve 'a b'"
    assert error.remedy[0].endswith(""": web = "exec serve \\"$PORT\\"" or web = "serve 'a b'\"""")
    assert error.reference == "several-processes"
    (tmp_path / "layerwright.toml").write_text("[processes]\nweb = \"serve 'a b'\"\n")
    configured = configure(read_sources(Project(tmp_path), {}), {}).processes
    assert types(processes(configured, Project(tmp_path), plugins)) == {
        "web": "layerwright.toml: processes.web"
    }


def test_an_application_may_have_no_process(tmp_path: Path) -> None:
    assert processes([], Project(tmp_path), []) == ()


def test_web_is_the_default_process(tmp_path: Path) -> None:
    project = procfile(tmp_path, "web: serve\nworker: work\n")
    assert defaults(processes([], project, [found("django", "plugin", default=True)])) == ["web"]


def test_the_configured_default_is_stronger_than_web(tmp_path: Path) -> None:
    result = processes(
        [found("worker", "configuration", default=True)], procfile(tmp_path, "web: serve\n"), []
    )
    assert defaults(result) == ["worker"]


def test_the_first_default_of_a_plugin_is_the_default_where_there_is_no_web(tmp_path: Path) -> None:
    plugins = [found("a", "plugin"), found("c", "plugin", default=True), found("b", "plugin", default=True)]
    assert defaults(processes([], Project(tmp_path), plugins)) == ["c"]


def test_the_only_process_is_the_default(tmp_path: Path) -> None:
    assert defaults(processes([], procfile(tmp_path, "worker: work\n"), [])) == ["worker"]


def test_several_processes_without_web_have_no_default(tmp_path: Path) -> None:
    assert defaults(processes([], procfile(tmp_path, "a: x\nb: x\n"), [])) == []


def test_a_procfile_may_have_comments_blank_lines_and_windows_line_ends(tmp_path: Path) -> None:
    project = procfile(tmp_path, "# processes\r\n\r\n  web :  gunicorn app:app \r\nmy_worker-2:work")
    assert [process for process, _ in processes([], project, [])] == [
        Process(type="my_worker-2", command=("work",)),
        Process(type="web", command=("gunicorn", "app:app"), default=True),
    ]


def test_a_procfile_that_is_no_file_of_the_application_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "shadow").write_text("root:$6$hunter2:19000:0:99999:7:::\n")
    (tmp_path / "app" / "Procfile").symlink_to("../shadow")
    with pytest.raises(UserError) as caught:
        processes([], Project(tmp_path / "app"), [])
    assert caught.value.summary == "The Procfile lies outside of the application."
    assert caught.value.cause == f"It is a link that leads to {tmp_path / 'shadow'}."


def test_a_procfile_that_is_a_link_to_nowhere_is_not_an_absent_one(tmp_path: Path) -> None:
    (tmp_path / "Procfile").symlink_to("absent")
    with pytest.raises(UserError) as caught:
        processes([], Project(tmp_path), [])
    assert caught.value.reference == "dangling-link"


def test_everything_wrong_in_a_procfile_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = "web: serve\n\ngunicorn app\nweb: again\nworker:\nother: 'open\nempty: ''\n"
    with pytest.raises(UserError) as caught:
        processes([], procfile(tmp_path, text), [])
    assert caught.value.reference == "malformed-procfile"
    assert caught.value.cause.splitlines() == [
        'Line 3 is not "type: command": gunicorn app',
        "Line 4 names the process type web again.",
        'Line 5 is not "type: command": worker:',
        "Line 6: a quotation mark or a backslash at the end has nothing to close it.",
        "Line 7: process empty: the command is empty.",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("gunicorn app:app", ("gunicorn", "app:app")),
        ("  gunicorn   app:app  ", ("gunicorn", "app:app")),
        ("gunicorn \"app:create(1)\" --name 'a $b; c'", ("gunicorn", "app:create(1)", "--name", "a $b; c")),
        (r"echo a\ b \$HOME", ("echo", "a b", "$HOME")),
        ("python -m app --name=x", ("python", "-m", "app", "--name=x")),
    ],
)
def test_a_plain_command_line_needs_no_shell(text: str, words: tuple[str, ...]) -> None:
    assert command(text) == words


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("gunicorn -b :$PORT app:app", "exec gunicorn -b :$PORT app:app"),
        ('gunicorn -b "0.0.0.0:${PORT}" app:app', 'exec gunicorn -b "0.0.0.0:${PORT}" app:app'),
        ("""echo "it's $HOME, isn't it" """, """exec echo "it's $HOME, isn't it\""""),
        (r'echo "costs \$5"', r'exec echo "costs \$5"'),
        ("serve \\\n --fast", "serve \\\n --fast"),
        ("serve > log", "exec serve > log"),
        ("cat *.txt", "exec cat *.txt"),
        ("A=1 B='x y' serve", "A=1 B='x y' exec serve"),
        ("migrate && serve", "migrate && serve"),
        ("serve | tee log", "serve | tee log"),
        ("echo $(hostname)", "echo $(hostname)"),
        ("migrate\nserve", "migrate\nserve"),
        ("exec serve", "exec serve"),
        ("A=1 exec serve", "A=1 exec serve"),
        ("cd site", "cd site"),
    ],
)
def test_what_only_a_shell_understands_is_given_to_one(text: str, script: str) -> None:
    assert command(text) == ("sh", "-c", script)


@pytest.mark.parametrize("text", ["echo 'a", 'echo "a', "echo a\\"])
def test_what_is_open_at_the_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nothing to close it"):
        command(text)


WORD = st.sampled_from(
    ["a", "'b c'", '"d e"', '"$HOME"', "$HOME", "'$HOME'", r"\$HOME", '"it\'s"', "x=1", "#", '"\\$f"']
)


@given(st.lists(WORD, max_size=4))
def test_a_command_line_gives_the_arguments_that_a_shell_would_give(words: list[str]) -> None:
    text = " ".join(["printf '<%s>'", *words])
    environment = {"HOME": "home", "PATH": os.environ["PATH"]}
    ours = subprocess.run(command(text), env=environment, capture_output=True, check=True)
    shell = subprocess.run(["sh", "-c", text], env=environment, capture_output=True, check=True)
    assert ours.stdout == shell.stdout


def test_an_assignment_reaches_the_process_that_the_shell_makes_way_for() -> None:
    process = subprocess.run(
        command("GREETING='good day' printenv GREETING"), capture_output=True, check=True
    )
    assert process.stdout == b"good day\n"
