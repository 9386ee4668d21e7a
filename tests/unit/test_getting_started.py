"""The pages for a first hour: the files that they create are applications, claimed and started as the pages say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cli.main import main
from tests.fixtures.pages import DOCS, blocks, sections

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing import Application

WITH_A_PROJECT = ("no-lock", "pdm", "poetry", "uv")
EVERY = ("pip", "pipenv", *WITH_A_PROJECT)
ONE_SCREEN = 100


@pytest.fixture(autouse=True)
def _away_from_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use neither the user's layers nor the interpreters of this machine: an explanation downloads none."""
    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LAYERWRIGHT_PYTHON_PROVIDER", "standalone")


def page(name: str) -> Path:
    return DOCS / "getting-started" / f"{name}.md"


def create_files(app: Application, name: str) -> None:
    """Create the files that the page *name* shows, each with its name in the first comment."""
    for language in ("python", "text", "toml"):
        for block in blocks(page(name), language):
            if (found := re.match(r"# ([\w.]+)\n", block)) and found[1] != "main.py":
                app.write(found[1], block)


def explained(app: Application, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["explain", str(app.path), "--json"]) == 0
    explanation = json.loads(capsys.readouterr().out)
    assert isinstance(explanation, dict)
    return explanation


@pytest.mark.parametrize("name", ["pip", "no-lock"])
def test_an_application_without_a_lock_is_claimed_by_pip_and_has_the_process_that_its_page_names(
    name: str, app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    create_files(app, name)
    explanation = explained(app, capsys)
    assert explanation["package-manager"]["name"] == "pip"
    assert [process["type"] for process in explanation["processes"]] == ["web"]
    assert "`app.py` creates a Flask application" in " ".join(page(name).read_text().split())


@pytest.mark.parametrize("name", ["pdm", "poetry", "uv"])
def test_the_command_that_locks_is_the_one_that_a_build_without_the_lock_names(
    name: str, app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    create_files(app, name)
    assert main(["use", "--app", str(app.path), name]) == 0
    assert main(["explain", str(app.path)]) == 1
    [command] = [line for line in page(name).read_text().splitlines() if line.endswith(" lock")]
    assert command.removeprefix("$ ") in capsys.readouterr().err


def test_a_single_file_is_an_application_with_a_process(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    [block] = [block for block in blocks(page("no-lock"), "python") if block.startswith("# main.py\n")]
    app.write("main.py", block)
    explanation = explained(app, capsys)
    assert "its process is `python main.py`" in " ".join(page("no-lock").read_text().split())
    assert [process["command"] for process in explanation["processes"]] == [["python", "main.py"]]


@pytest.mark.parametrize("name", EVERY)
def test_a_page_has_one_screen_of_steps_in_the_same_order(name: str) -> None:
    titles = list(sections(page(name), "##"))
    steps = ["Write an application", "Build and run it", "Change it", "Create an image", "Next"]
    assert [title for title in titles if title != "Even less"] == steps
    assert len(page(name).read_text().splitlines()) <= ONE_SCREEN
