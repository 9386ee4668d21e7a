from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.errors import CommandFailed, LayerwrightError, SiteError
from layerwright.process.command import Command, Completed
from layerwright.process.runner import Runner
from layerwright.pythons.system._discover import discover, places
from tests.unit.pythons.samples import prefix

if TYPE_CHECKING:
    from collections.abc import Mapping


class Interpreters(Runner):
    """Answers for executables that are only files, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(env={})
        self.asked: list[str] = []
        self.said: dict[str, Completed | LayerwrightError] = {}

    def add(self, root: Path, version: str, /, **changes: str) -> Path:
        """Make a prefix at *root* whose interpreter says that it is *version*, and return its ``bin``."""
        minor = version.rpartition(".")[0]
        facts = {
            "implementation": "CPython",
            "version": version,
            "level": "final",
            "prefix": str(root),
            "base_prefix": str(root),
            "abiflags": "",
        }
        executable = prefix(root, minor=minor) / "bin" / f"python{minor}"
        output = f"noise\n{json.dumps({**facts, **changes})}\n"
        self.said[str(executable)] = Completed(returncode=0, output=output)
        return root / "bin"

    @override
    def within(self, env: Mapping[str, str]) -> Runner:
        assert env == {}
        return self

    @override
    def try_run(self, command: Command) -> Completed:
        self.asked.append(command.argv[0])
        said = self.said[command.argv[0]]
        if isinstance(said, LayerwrightError):
            raise said
        return said


@pytest.fixture
def runner() -> Interpreters:
    return Interpreters()


def words(folders: list[Path], cache_dir: Path, runner: Runner) -> list[str]:
    return [one.words for one in discover(map(str, folders), cache_dir, runner)]


def test_interpreters_are_looked_for_on_path_and_with_pyenv_uv_and_ourselves(tmp_path: Path) -> None:
    (tmp_path / ".pyenv/versions/3.13.1").mkdir(parents=True)
    (tmp_path / ".local/share/uv/python/cpython-3.12").mkdir(parents=True)
    env = {"PATH": "/usr/bin:relative::/bin:/usr/bin"}
    assert places(env, tmp_path, "/opt/py") == [
        "/usr/bin",
        "/bin",
        f"{tmp_path}/.pyenv/versions/3.13.1/bin",
        f"{tmp_path}/.local/share/uv/python/cpython-3.12/bin",
        "/opt/py/bin",
    ]


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("PYENV_ROOT", "versions"), ("XDG_DATA_HOME", "uv/python"), ("UV_PYTHON_INSTALL_DIR", ".")],
)
def test_the_environment_says_where_the_others_keep_theirs(
    tmp_path: Path, variable: str, folder: str
) -> None:
    kept = tmp_path / "kept" / folder / "3.13.1"
    kept.mkdir(parents=True)
    found = places({variable: str(tmp_path / "kept")}, tmp_path, "/opt/py")
    assert [Path(path) for path in found] == [kept / "bin", Path("/opt/py/bin")]


def test_what_is_found_is_newest_first_each_once(tmp_path: Path, runner: Interpreters) -> None:
    old, new = runner.add(tmp_path / "old", "3.9.18"), runner.add(tmp_path / "new", "3.13.1")
    links = tmp_path / "links"
    links.mkdir()
    (links / "python3").symlink_to(old / "python3.9")
    assert words([links, old, new, tmp_path / "none"], tmp_path, runner) == [
        f"{new}/python3.13: 3.13.1",
        f"{old}/python3.9: 3.9.18",
    ]


def test_two_minor_versions_in_one_prefix_are_two(tmp_path: Path, runner: Interpreters) -> None:
    runner.add(tmp_path / "shared", "3.12.4")
    (tmp_path / "shared/bin/python3").unlink()
    shared = runner.add(tmp_path / "shared", "3.13.1")
    assert words([shared], tmp_path, runner) == [
        f"{shared}/python3.13: 3.13.1",
        f"{shared}/python3.12: 3.12.4",
    ]


def test_what_is_no_program_is_not_started(tmp_path: Path, runner: Interpreters) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "python3").write_text("#!/bin/sh\n")
    (shims / "python3").chmod(0o755)
    (shims / "python3.13").write_bytes(b"\x7fELF")
    (shims / "python3.12").mkdir()
    assert words([shims, folder], tmp_path, runner) == [f"{folder}/python3.13: 3.13.1"]
    assert runner.asked == [f"{folder}/python3.13"]


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"implementation": "PyPy"}, "it is PyPy, not CPython"),
        ({"version": "3.8.18"}, "Python 3.9 or newer is needed"),
        ({"level": "candidate"}, "it is a pre-release"),
        ({"base_prefix": "/usr"}, "it is a virtual environment of /usr"),
        ({"abiflags": "t"}, "it is a special build (ABI flags t)"),
        ({"version": "3.12.1"}, "{root} does not have the usual layout"),
    ],
)
def test_what_cannot_be_copied_keeps_its_reason(
    tmp_path: Path, runner: Interpreters, changes: dict[str, str], obstacle: str
) -> None:
    root = tmp_path / "prefix"
    folder = runner.add(root, "3.13.1", **changes)
    (one,) = discover([str(folder)], tmp_path, runner)
    assert one.obstacle == obstacle.format(root=root)


@pytest.mark.parametrize("missing", ["ensurepip/_bundled/pip-24.2-py3-none-any.whl", "ensurepip/_bundled"])
def test_an_interpreter_without_bundled_pip_cannot_be_copied(
    tmp_path: Path, runner: Interpreters, missing: str
) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    bundled = tmp_path / "prefix/lib/python3.13/ensurepip/_bundled"
    next(bundled.iterdir()).unlink()
    if missing == "ensurepip/_bundled":
        bundled.rmdir()
    assert words([folder], tmp_path, runner) == [
        f"{folder}/python3.13: 3.13.1, not usable: no bundled pip (ensurepip)"
    ]


def test_the_operating_systems_own_is_never_copied(tmp_path: Path, runner: Interpreters) -> None:
    folder = runner.add(tmp_path / "prefix", "3.99.1", prefix="/usr", base_prefix="/usr")
    (one,) = discover([str(folder)], tmp_path, runner)
    assert one.prefix == "/usr"
    assert one.obstacle


def test_a_second_discovery_starts_no_process(tmp_path: Path, runner: Interpreters) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    first = discover([str(folder)], tmp_path / "cache", runner)
    assert discover([str(folder)], tmp_path / "cache", runner) == first
    assert len(runner.asked) == 1


def test_what_is_remembered_is_not_written_through_a_link(tmp_path: Path, runner: Interpreters) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / f"interpreters.{os.getpid()}").symlink_to(victim)

    discover([str(folder)], tmp_path / "cache", runner)

    assert victim.read_text() == "untouched"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["interpreters.json"]


def test_only_those_that_may_do_are_asked(tmp_path: Path, runner: Interpreters) -> None:
    folders = [str(runner.add(tmp_path / minor, f"{minor}.1")) for minor in ("3.12", "3.13", "3.14")]
    assert discover(folders, tmp_path / "cache", runner, lambda version: version == "3.13.7") == []
    assert runner.asked == [f"{tmp_path}/3.13/bin/python3.13"]
    assert len(discover(folders, tmp_path / "cache", runner)) == 3
    assert len(runner.asked) == 3


def test_those_that_are_not_wanted_stay_known(tmp_path: Path, runner: Interpreters) -> None:
    folders = [str(runner.add(tmp_path / minor, f"{minor}.1")) for minor in ("3.12", "3.13")]
    discover(folders, tmp_path / "cache", runner)
    (one,) = discover(folders, tmp_path / "cache", runner, lambda version: version == "3.13.1")
    assert one.version == "3.13.1"
    assert len(discover(folders, tmp_path / "cache", runner)) == 2
    assert len(runner.asked) == 2


def test_an_executable_that_has_changed_is_asked_again(tmp_path: Path, runner: Interpreters) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    discover([str(folder)], tmp_path, runner)
    executable = folder / "python3.13"
    executable.write_bytes(executable.read_bytes() + b"x")
    runner.said[str(executable)] = Completed(
        returncode=0,
        output=next(iter(runner.said.values())).output.replace("3.13.1", "3.13.2"),  # type: ignore[union-attr]
    )
    assert words([folder], tmp_path, runner) == [f"{executable}: 3.13.2"]


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"b": 1}}'])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, runner: Interpreters, content: str) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    (tmp_path / "interpreters.json").write_text(content)
    assert words([folder], tmp_path, runner) == [f"{folder}/python3.13: 3.13.1"]


def test_where_nothing_can_be_remembered_discovery_works_all_the_same(
    tmp_path: Path, runner: Interpreters
) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    (tmp_path / "file").touch()
    assert words([folder], tmp_path / "file", runner) == [f"{folder}/python3.13: 3.13.1"]


def test_what_others_may_have_written_is_not_believed(tmp_path: Path, runner: Interpreters) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    cache = tmp_path / "cache"
    words([folder], cache, runner)
    memory = cache / "interpreters.json"
    memory.write_text(memory.read_text().replace("3.13.1", "3.13.9"))
    memory.chmod(0o666)
    assert words([folder], cache, runner) == [f"{folder}/python3.13: 3.13.1"]
    assert len(runner.asked) == 2
    words([folder], cache, runner)
    assert len(runner.asked) == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (SiteError("", cause="Exec format error", reference="x"), "Exec format error"),
        (
            CommandFailed("", returncode=-15, cause="It printed more than 16 MiB", reference="x"),
            "It printed more than 16 MiB",
        ),
        (Completed(returncode=1, output=""), "it ended with status 1 and did not report its version"),
        (Completed(returncode=0, output="hello"), "it ended with status 0 and did not report its version"),
        (Completed(returncode=0, output="[]"), "it ended with status 0 and did not report its version"),
    ],
)
def test_an_executable_that_does_not_work_keeps_its_reason_and_is_asked_again_next_time(
    tmp_path: Path, runner: Interpreters, said: Completed | LayerwrightError, why: str
) -> None:
    folder = runner.add(tmp_path / "prefix", "3.13.1")
    runner.said[f"{folder}/python3.13"] = said
    for _ in range(2):
        assert words([folder], tmp_path, runner) == [f"{folder}/python3.13: not usable: {why}"]
    assert len(runner.asked) == 2
