"""The application that a command is for: a directory, or a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.cli.application import application_path, platform
from layerwright.cli.main import main
from layerwright.config.scripts import SCRIPT
from layerwright.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_script_is_an_application_with_layers_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "hello.py"
    script.touch()
    assert application_path(str(script)) == script
    cache = {"LAYERWRIGHT_CACHE_DIR": str(tmp_path / "cache")}
    of_script, of_directory = platform(str(script), None, cache), platform(str(tmp_path), None, cache)
    assert of_script.layers.parent.name.startswith("hello.py-")
    assert of_script.layers != of_directory.layers
    assert platform(str(tmp_path), None, {**cache, SCRIPT: "hello.py"}).layers == of_script.layers


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("absent.py", "absent.py does not exist."),
        ("readme", "readme is neither a directory nor a Python script."),
        ("pipe.py", "pipe.py is not a directory."),
    ],
)
def test_anything_else_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, summary: str
) -> None:
    import os

    monkeypatch.chdir(tmp_path)
    (tmp_path / "readme").touch()
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(UserError) as caught:
        application_path(name)
    assert caught.value.summary == summary


def test_detect_takes_a_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "hello.py").write_text("print('hello')\n")
    assert main(["detect", "hello.py"]) == 0
    assert capsys.readouterr().out == "pip, because hello.py exists, and nothing else claims it\n"
    (tmp_path / "hello.py.lock").touch()
    assert main(["detect", "hello.py"]) == 0
    assert capsys.readouterr().out == "uv, because hello.py.lock exists\n"
