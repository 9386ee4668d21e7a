from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cnb.launch import Label, Process, is_process_type, launch_toml, read_launch, write_launch

if TYPE_CHECKING:
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


def test_launch_toml_has_the_keys_of_the_specification_and_no_others() -> None:
    assert tomllib.loads(launch_toml([WEB, WORKER])) == {
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
    (tmp_path / "launch.toml").write_text(launch_toml(processes))

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


def test_two_processes_of_one_type_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one process has the type worker"):
        launch_toml([WORKER, WEB, WORKER])


def test_two_defaults_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one process is the default: web, other"):
        launch_toml([WEB, Process(type="other", command=("true",), default=True)])


def test_a_process_for_some_execution_environments_has_them_as_an_array() -> None:
    assert tomllib.loads(launch_toml([TEST]))["processes"] == [
        {"type": "test", "command": ["pytest"], "args": [], "exec-env": ["test", "ci"]}
    ]
    assert "exec-env" not in launch_toml([WEB], api="0.10")


@pytest.mark.parametrize("api", ["0.10", "0.11"])
def test_exec_env_is_refused_before_the_api_that_has_it(api: str) -> None:
    with pytest.raises(ValueError, match=r"^exec-env needs Buildpack API 0\.12: test$"):
        launch_toml([WEB, TEST], api=api)


@pytest.mark.parametrize("words", ["one string", ("a", 1), ("a\0b",), None])
@pytest.mark.parametrize("key", ["command", "args", "exec-env"])
def test_a_list_of_a_process_is_one_of_strings_that_a_process_can_be_given(key: str, words: Any) -> None:
    lists = {"command": ("serve",), key.replace("-", "_"): words}
    with pytest.raises(ValueError, match=f"^process web: {key} is .*; it must be a list of strings$"):
        Process(type="web", **lists)


def test_labels_are_written_next_to_the_processes() -> None:
    assert tomllib.loads(launch_toml([], [Label("com.example.a", "1"), Label("b", "")])) == {
        "processes": [],
        "labels": [{"key": "com.example.a", "value": "1"}, {"key": "b", "value": ""}],
    }


def test_two_labels_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one label has the key a"):
        launch_toml([], [Label("a", "1"), Label("b", "1"), Label("a", "2")])


def test_a_label_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="a label has no key"):
        launch_toml([], [Label("", "1")])


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

    write_launch(path, [Process(type="web", command=("serve",), default=True)], [Label("a", "1")])
    assert tomllib.loads(path.read_text())["labels"] == [{"key": "a", "value": "1"}]


@pytest.mark.parametrize("text", ["processes = ", "processes = 1"])
def test_a_damaged_file_is_written_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "launch.toml"
    path.write_text(text)
    write_launch(path, [Process(type="web", command=("serve",))])
    assert read_launch(path) == (Process(type="web", command=("serve",)),)
