from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.launch import Process
from layerwright.config.processes import FoundProcess, processes
from layerwright.config.reading import configure
from layerwright.config.sources import read_sources
from layerwright.errors import UserError
from layerwright.files.project import Project

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
    assert error.cause == """plugin acme 1.0: exec serve "$PORT" "$@"\nplugin beta 2.0: serve 'a b'"""
    assert error.remedy[0].endswith(""": web = "exec serve \\"$PORT\\" \\"$@\\"" or web = "serve 'a b'\"""")
    assert error.reference == "several-processes"
    (tmp_path / "layerwright.toml").write_text("[processes]\nweb = \"serve 'a b'\"\n")
    configured = configure(read_sources(Project(tmp_path), {}), {}).processes
    assert types(processes(configured, Project(tmp_path), plugins)) == {
        "web": "layerwright.toml: processes.web"
    }


def test_arguments_reach_a_process_that_a_plugin_starts_through_a_shell(tmp_path: Path) -> None:
    def proposed(*command: str, args: tuple[str, ...] = ()) -> Process:
        plugin = FoundProcess(Process(type="web", command=command, args=args), "plugin")
        return processes([], Project(tmp_path), [plugin])[0].process

    assert proposed("sh", "-c", "exec serve -b :$PORT").command == (
        *("sh", "-c", 'exec serve -b :$PORT "$@"'),
        "sh",
    )
    assert proposed("serve", "--fast").command == ("serve", "--fast")
    assert proposed("sh", "-c", 'serve "$0"', args=("a",)).command == ("sh", "-c", 'serve "$0"')


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
    assert caught.value.summary == "The Procfile is outside the application."
    assert caught.value.cause == f"It is a link to {tmp_path / 'shadow'}."


def test_a_procfile_that_is_a_link_to_nowhere_is_not_an_absent_one(tmp_path: Path) -> None:
    (tmp_path / "Procfile").symlink_to("absent")
    with pytest.raises(UserError) as caught:
        processes([], Project(tmp_path), [])
    assert caught.value.reference == "dangling-link"


def test_everything_wrong_in_a_procfile_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    text = "web: serve\n\ngunicorn app\nweb: again\nworker:\nother: 'open\nempty: ''\n"
    with pytest.raises(UserError) as caught:
        processes([], procfile(tmp_path, text), [])
    assert caught.value.reference == "malformed-procfile"
    assert caught.value.cause.splitlines() == [
        'Line 3 is not "type: command": gunicorn app',
        "Line 4 defines the process type web again.",
        'Line 5 is not "type: command": worker:',
        "Line 6: a quotation mark or a backslash at the end has nothing to close it.",
        "Line 7: process empty: the command is empty.",
    ]


def test_processes_of_a_directory_in_the_tree_start_in_that_directory(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Procfile").write_text("web: serve\n")
    project = Project(tmp_path / "api", tmp_path)
    below = Process(type="site", command=("serve",), working_directory="site")
    result = processes([FoundProcess(below, "configuration")], project, [])
    assert {one.process.type: one.process.working_directory for one in result} == {
        "web": f"{tmp_path}/api",
        "site": f"{tmp_path}/api/site",
    }
