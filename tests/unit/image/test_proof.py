"""The start of the interpreter at its path in the image, as far as it is seen without one."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import SiteError
from layerwright.image.launch.proof import prove_start
from layerwright.process.command import Command, Completed
from layerwright.process.runner import Runner
from tests.unit.image.samples import request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VENV = "/layers/layerwright_python/venv"


@dataclass
class OneAnswer(Runner):
    """Answers each command with *status* and *output*, and has the commands and what they saw in the directory."""

    status: int
    output: str
    top: Path
    commands: list[Command] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def within(self, env: Mapping[str, str]) -> Runner:
        assert env == {}
        return self

    def try_run(self, command: Command) -> Completed:
        self.commands.append(command)
        for path in sorted(self.top.rglob("*")):
            if path.is_symlink():
                self.files[str(path.relative_to(self.top))] = os.fspath(path.readlink())
            elif path.is_file():
                self.files[str(path.relative_to(self.top))] = path.read_text()
        return Completed(returncode=self.status, output=self.output)


def tried(root: Path, status: int, output: str) -> tuple[str, OneAnswer]:
    temporary = root / "temporary"
    temporary.mkdir()
    runner = OneAnswer(status, output, temporary / "top")
    return prove_start(request(root), runner=runner, temporary=temporary), runner


def failure(root: Path, status: int, output: str) -> str:
    with pytest.raises(SiteError) as caught:
        tried(root, status, output)
    assert caught.value.reference == "image-not-proved"
    return caught.value.cause


def test_what_starts_is_as_the_image_has_it(tmp_path: Path) -> None:
    why_not, runner = tried(tmp_path, 0, "staged\n[]\n")
    assert why_not == ""
    assert runner.files == {
        "venv/bin/python": "/layers/layerwright_python/python/bin/python3.13",
        "venv/bin/serve": f"#!{VENV}/bin/python\nprint()\n",
    }
    [command] = runner.commands
    assert f"{VENV}/bin/python" in command.argv
    script = tmp_path / "temporary" / "top" / "venv" / "bin" / "serve"
    assert script.stat().st_mode & 0o111


def test_the_configuration_of_the_environment_has_its_path_in_the_image(tmp_path: Path) -> None:
    made = request(tmp_path)
    layers = made.parts.root
    (layers / "venv" / "pyvenv.cfg").write_text(f"home = {layers}/python/bin\n")
    (tmp_path / "temporary").mkdir()
    runner = OneAnswer(0, "staged\n[]\n", tmp_path / "temporary" / "top")
    assert prove_start(made, runner=runner, temporary=tmp_path / "temporary") == ""
    assert runner.files["venv/pyvenv.cfg"] == "home = /layers/layerwright_python/python/bin\n"


@pytest.mark.parametrize(
    ("output", "why_not"),
    [("unshare: not permitted\n", "unshare: not permitted"), ("", "unshare ended with status 1")],
)
def test_a_machine_that_permits_no_mounts_is_no_failure(tmp_path: Path, output: str, why_not: str) -> None:
    assert tried(tmp_path, 1, output)[0] == why_not


def test_any_user_but_root_gets_a_user_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    _, runner = tried(tmp_path, 0, "staged\n[]\n")
    assert "--map-root-user" in runner.commands[0].argv


def test_an_interpreter_that_does_not_start_is_an_error_with_its_words(tmp_path: Path) -> None:
    assert failure(tmp_path, 127, "staged\nsh: python: not found\n") == "sh: python: not found"


def test_an_interpreter_that_ends_without_a_word_is_an_error_with_its_status(tmp_path: Path) -> None:
    assert failure(tmp_path, 139, "staged\n") == "status 139"


def test_what_the_interpreter_finds_wrong_is_the_cause(tmp_path: Path) -> None:
    found = ["sys.prefix is /home/me", "bin/serve needs /layers/x, which is not there"]
    # A module that is imported at every start printed something before.
    assert failure(tmp_path, 0, f"staged\nhello\n{json.dumps(found)}\n") == "\n".join(found)
