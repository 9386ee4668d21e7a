"""``layerwright run``: what replaces this process, and what an error suggests."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, NoReturn

import pytest

from layerwright.cli.application import platform
from layerwright.cli.main import main

LAUNCH = """\
[[processes]]
type = "web"
command = ["/bin/echo", "served"]
default = true
"""


class Replaced(BaseException):
    """This process would be another program now."""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Build an application with one process, and change to its parent directory."""

    def execve(_path: str, argv: tuple[str, ...], _environment: Any) -> NoReturn:
        raise Replaced(" ".join(argv), str(Path.cwd()))

    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    app = tmp_path / "shop"
    app.mkdir()
    layers = platform(str(app), None, os.environ).layers
    layers.mkdir(parents=True)
    (layers / "launch.toml").write_text(LAUNCH)
    return app


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["run", "--app", "shop"], "/bin/echo served"),
        (["run", "shop/"], "/bin/echo served"),
        (["run", "--app", "shop", "--", "-n"], "/bin/echo served -n"),
        (["run", "--app", "shop", "web", "--", "-n"], "/bin/echo served -- -n"),
        (["run", "--app", "shop", "ls", "-a"], "/bin/ls -a"),
    ],
)
def test_the_process_gets_its_arguments_and_the_directory_of_the_application(
    shop: Path, words: list[str], command: str
) -> None:
    with pytest.raises(Replaced) as replaced:
        main(words)
    said, directory = replaced.value.args
    assert (said.removeprefix("/usr"), directory) == (command, str(shop))


@pytest.mark.parametrize("text", [b"[tool.layerwright]\npython = \n", b"\xff"])
def test_the_last_build_runs_after_the_configuration_has_become_unreadable(shop: Path, text: bytes) -> None:
    (shop / "pyproject.toml").write_bytes(text)
    with pytest.raises(Replaced) as replaced:
        main(["run", "--app", "shop"])
    assert replaced.value.args == ("/bin/echo served", str(shop))


def test_without_a_build_the_configuration_is_what_is_wrong(
    tmp_path: Path, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text("app-dir = \n")
    assert main(["run", "--app", "other"]) == 1
    assert "Error: pyproject.toml is not valid TOML." in capsys.readouterr().err
    (other / "pyproject.toml").write_text("[tool.layerwright]\napp-dir = 'gone'\n")
    assert main(["run", "--app", "other"]) == 1
    assert "gone" in capsys.readouterr().err


def test_a_process_wins_over_a_directory_of_the_same_name(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "web").mkdir()
    monkeypatch.chdir(shop)
    with pytest.raises(Replaced) as replaced:
        main(["run", "web", "x"])
    assert replaced.value.args == ("/bin/echo served x", str(shop))


def test_a_directory_that_was_meant_for_the_application_is_recognised(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "shop"]) == 1
    assert "  2. If you mean the application in the directory shop: layerwright run --app shop\n" in (
        capsys.readouterr().err
    )
    (shop.parent / "hello.py").touch()
    assert main(["run", "--app", "shop", "hello.py"]) == 1
    assert "If you mean the application hello.py: layerwright run --app hello.py\n" in capsys.readouterr().err
    assert main(["run", "--app", "shop", "nowhere"]) == 1
    assert "--app nowhere" not in capsys.readouterr().err
