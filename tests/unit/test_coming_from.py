"""The pages for applications that come from elsewhere: what they say of files is so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cli.main import main
from tests.fixtures.pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing import Application


@pytest.fixture(autouse=True)
def _away_from_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use neither the user's layers nor the interpreters of this machine: an explanation downloads none."""
    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LAYERWRIGHT_PYTHON_PROVIDER", "standalone")


def explained(app: Application, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["explain", str(app.path), "--json"]) == 0
    explanation = json.loads(capsys.readouterr().out)
    assert isinstance(explanation, dict)
    return explanation


def page(name: str) -> str:
    return " ".join((DOCS / "coming-from" / f"{name}.md").read_text().split())


def test_an_application_for_heroku_has_its_processes_and_its_python(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("requirements.txt", "flask\ngunicorn\n")
    app.write("Procfile", "web: gunicorn --bind 0.0.0.0:$PORT app:app\nrelease: python manage.py migrate\n")
    app.write("runtime.txt", "python-3.12.1\n")
    explanation = explained(app, capsys)
    assert {one["type"]: one["default"] for one in explanation["processes"]} == {
        "release": False,
        "web": True,
    }
    assert explanation["python"]["version"] == "3.12.1"

    app.write(".python-version", "3.13\n")
    assert explained(app, capsys)["python"]["version"].startswith("3.13.")
    assert "| `runtime.txt` | Works, but a `.python-version` wins over it here." in page("heroku")


def test_two_lock_files_are_the_error_that_both_pages_announce(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("requirements.txt", "flask\n")
    app.write("uv.lock", "version = 1\n")
    assert main(["explain", str(app.path)]) == 1
    assert "More than one package manager claims this application." in capsys.readouterr().err
    assert "Two of them in one application are an error here as well" in page("heroku")
    assert "Here that is an error, and one line decides" in page("railpack")


def test_what_nixpacks_is_told_is_told_layerwright_as_the_page_shows(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    [toml] = blocks(DOCS / "coming-from" / "railpack.md", "toml")
    app.write("requirements.txt", "django\n")
    app.write("layerwright.toml", toml)
    explanation = explained(app, capsys)
    assert [one["command"] for one in explanation["processes"]] == [["gunicorn", "shop.wsgi"]]
    assert "python manage.py compilemessages" in json.dumps(explanation["post-install"])


@pytest.mark.parametrize("file", ["main.py", "app.py", "server.py", "bot.py", "run.py"])
def test_a_single_file_starts_whatever_its_usual_name_is(
    file: str, app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("requirements.txt", "")
    app.write(file, "print()\n")
    assert [one["command"] for one in explained(app, capsys)["processes"]] == [["python", file]]
    assert f"`{file}`" in page("railpack")
