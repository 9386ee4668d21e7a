from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cnb.launch import Process, is_process_type, read_launch, write_launch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WEB = Process(
    type="web",
    command=("gunicorn", "app:app"),
    args=("--bind", "0.0.0.0"),
    default=True,
    working_directory="src",
)
WORKER = Process(type="worker", command=("celery",))
TEST = Process(type="test", command=("pytest",), exec_env=("test", "ci"))


def launch_toml(path: Path, processes: Sequence[Process]) -> Any:
    write_launch(path / "launch.toml", processes)
    return tomllib.loads((path / "launch.toml").read_text())


def test_launch_toml_has_the_keys_of_the_specification_and_no_others(tmp_path: Path) -> None:
    assert launch_toml(tmp_path, [WEB, WORKER]) == {
        "processes": [
            {
                "type": "web",
                "command": ["gunicorn", "app:app"],
                "args": ["--bind", "0.0.0.0"],
                "default": True,
                "working-dir": "src",
            },
            {"type": "worker", "command": ["celery"], "args": []},
        ]
    }


@pytest.mark.parametrize("processes", [(), (WORKER,), (WEB, WORKER, TEST)])
def test_launch_toml_reads_back_as_it_was(tmp_path: Path, processes: tuple[Process, ...]) -> None:
    launch_toml(tmp_path, processes)

    assert read_launch(tmp_path / "launch.toml") == processes


def test_no_launch_toml_is_no_process(tmp_path: Path) -> None:
    assert read_launch(tmp_path / "launch.toml") == ()


@pytest.mark.parametrize("name", ["web", "web-2", "a.b_C", "..."])
def test_letters_digits_and_some_punctuation_make_a_process_type(name: str) -> None:
    assert is_process_type(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "a/b", "é", "web\n", "a:b"])
def test_anything_else_makes_none(name: str) -> None:
    assert not is_process_type(name)
    with pytest.raises(ValueError, match="is not a process type"):
        Process(type=name, command=("true",))


@pytest.mark.parametrize("command", [(), ("", "app:app")])
def test_a_process_has_something_to_run(command: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="process web: the command is empty"):
        Process(type="web", command=command)


def test_two_processes_of_one_type_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than one process has the type worker"):
        launch_toml(tmp_path, [WORKER, WEB, WORKER])


def test_two_defaults_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than one process is the default: web, other"):
        launch_toml(tmp_path, [WEB, Process(type="other", command=("true",), default=True)])


def test_a_process_for_some_execution_environments_has_them_as_an_array(tmp_path: Path) -> None:
    assert launch_toml(tmp_path, [TEST])["processes"] == [
        {"type": "test", "command": ["pytest"], "args": [], "exec-env": ["test", "ci"]}
    ]


@pytest.mark.parametrize("words", ["one string", ("a", 1), ("a\0b",), None])
@pytest.mark.parametrize("key", ["command", "args", "exec-env"])
def test_a_list_of_a_process_is_one_of_strings_that_a_process_can_be_given(key: str, words: Any) -> None:
    lists = {"command": ("serve",), key.replace("-", "_"): words}
    with pytest.raises(ValueError, match=f"^process web: {key} is .*; it must be a list of strings$"):
        Process(type="web", **lists)


@pytest.mark.parametrize(
    "text",
    [
        "processes = ",
        "processes = 1",
        "processes = ['web']",
        "[[processes]]\ntype = 'web'",
        "[[processes]]\ntype = 1\ncommand = ['true']",
        "[[processes]]\ntype = 'web'\ncommand = 'one string'",
        "[[processes]]\ntype = 'web'\ncommand = ['true', 1]",
        "[[processes]]\ntype = 'web'\ncommand = ['true']\nargs = 'one string'",
    ],
)
def test_a_damaged_launch_toml_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "launch.toml").write_text(text)

    with pytest.raises(ValueError, match=r"/launch\.toml is damaged: "):
        read_launch(tmp_path / "launch.toml")


def test_a_file_that_has_just_these_processes_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "launch.toml"
    write_launch(path, [Process(type="web", command=("serve",))])
    before = path.stat().st_ino

    write_launch(path, [Process(type="web", command=("serve",))])
    assert path.stat().st_ino == before

    write_launch(path, [Process(type="web", command=("serve",), default=True)])
    assert read_launch(path) == (Process(type="web", command=("serve",), default=True),)


def test_a_damaged_launch_toml_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "launch.toml").write_text("processes = ")

    write_launch(tmp_path / "launch.toml", [WORKER])

    assert read_launch(tmp_path / "launch.toml") == (WORKER,)
