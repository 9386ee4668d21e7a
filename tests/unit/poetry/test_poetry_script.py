"""The script runs a Poetry that takes plugins from beside it alone, and packages from a bundle."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest
import requests

import layerwright_poetry

SCRIPT = Path(layerwright_poetry.__file__).parent / "poetry_script.py"

MANAGER = """\
class PluginManager:
    @staticmethod
    def add_project_plugin_path(directory):
        raise SystemExit("used")

    @classmethod
    def ensure_project_plugins(cls, poetry, io):
        raise SystemExit("written")
"""
APPLICATION = """\
import sys
from poetry.plugins.plugin_manager import PluginManager

def main():
    assert sys.argv[1:] == ["sync"]
    PluginManager.add_project_plugin_path("/app")
    PluginManager.ensure_project_plugins(None, None)
    return 7
"""


LEGACY = """\
class LegacyRepository:
    def __init__(self, name, url, **options):
        self.asked = (name, url, options)
"""
PYPI = "class PyPiRepository: pass\n"
ASKING = """\
import json
import pathlib
import sys

import requests
from poetry.repositories.legacy_repository import LegacyRepository

def main():
    from poetry.repositories.pypi_repository import PyPiRepository

    place = pathlib.Path(__file__).parents[2]
    with requests.Session() as session:
        index = (place / "a place").as_uri()
        answers = [session.get(f"{index}{path}") for path in ("/", "/acme.whl", "/other.whl")]
        (place / "answers").write_text(json.dumps([(one.status_code, one.text) for one in answers]))
    own, default = LegacyRepository("own", "https://example.com", config=None), PyPiRepository(disable_cache=True)
    (place / "asked").write_text(json.dumps([own.asked, default.asked]))
    return 0
"""


def run(directory: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> object:
    """Run the script with *files* as the modules of Poetry; return the exit status."""
    for name, text in files.items():
        file = directory / "poetry" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(directory)
    monkeypatch.setattr(sys, "argv", ["script", "sync"])
    with monkeypatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] == "poetry"]:
            patch.delitem(sys.modules, name)
        with pytest.raises(SystemExit) as raised:
            runpy.run_path(str(SCRIPT), run_name="__main__")
    return raised.value.code


def test_poetry_runs_without_plugins_of_the_application_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAYERWRIGHT_POETRY_INDEX", raising=False)
    files = {"console/application": APPLICATION, "plugins/plugin_manager": MANAGER}
    assert run(tmp_path, monkeypatch, files) == 7


def test_with_a_bundle_every_source_of_packages_is_its_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a place").mkdir()
    (tmp_path / "a place" / "index.html").write_text("page")
    (tmp_path / "a place" / "acme.whl").write_text("wheel")
    monkeypatch.setenv("LAYERWRIGHT_POETRY_INDEX", "file:///bundle/simple")
    monkeypatch.setattr(requests.Session, "__init__", requests.Session.__init__)
    files = {
        "console/application": ASKING,
        "plugins/plugin_manager": MANAGER,
        "repositories/legacy_repository": LEGACY,
        "repositories/pypi_repository": PYPI,
    }
    assert run(tmp_path, monkeypatch, files) == 0
    assert json.loads((tmp_path / "asked").read_text()) == [
        ["own", "file:///bundle/simple", {"config": None}],
        ["PyPI", "file:///bundle/simple", {}],
    ]
    assert json.loads((tmp_path / "answers").read_text()) == [[200, "page"], [200, "wheel"], [404, ""]]
