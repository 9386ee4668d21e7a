"""The script runs a Poetry that takes plugins from beside it alone, where Poetry can do what is asked for."""

from __future__ import annotations

import io
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_poetry
from layerwright_poetry.poetry_script import archives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.applications import Application

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


LOCK = """\
[[package]]
name = "acme"
version = "1.0"
files = [
    {file = "acme-1.0.tar.gz", hash = "sha256:bb"},
    {file = "acme-1.0-py3-none-any.whl", hash = "sha256:aa"},
]

[package.dependencies]
base = "*"

[[package]]
name = "base"
version = "2.0"
files = []

[metadata]
content-hash = "cc"
"""


class Run:
    """The script, run in the application directory *app* with the standard input *stdin*."""

    def __init__(self, app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.record = app.path / "record.json"
        self._patch = monkeypatch
        app.write("poetry.lock", LOCK)

    def __call__(self, stdin: str = "") -> object:
        self._patch.chdir(self.app.path)
        self._patch.setattr(sys, "argv", ["script", str(self.record), "sync"])
        self._patch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as raised:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        return raised.value.code


@pytest.fixture
def run(app: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    for name, text in {"console/application": APPLICATION, "plugins/plugin_manager": MANAGER}.items():
        file = tmp_path / "poetry" / f"{name}.py"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield Run(app, monkeypatch)
    for name in [name for name in sys.modules if name.partition(".")[0] == "poetry"]:
        del sys.modules[name]


def test_the_status_is_that_of_a_poetry_without_plugins_of_the_application_directory(run: Run) -> None:
    assert run() == 7
    assert run() == 7


def test_the_archives_of_each_distribution_are_told_apart(run: Run) -> None:
    found = archives(LOCK)
    assert list(found) == ["acme 1.0", "base 2.0"]
    assert archives(LOCK.replace("aa", "cc"))["acme 1.0"] != found["acme 1.0"]
    assert archives(LOCK.replace("base = ", "other = ").replace('"cc"', '"dd"')) == found


def test_what_was_installed_from_another_archive_ends_it(run: Run) -> None:
    run()
    run.app.write("poetry.lock", LOCK.replace("aa", "dd"))
    assert run() == "Not what it was installed from: acme 1.0."


def test_other_settings_of_the_installer_end_it(run: Run) -> None:
    run("sha256:one")
    assert run("") == "Not what it was installed from: the installer."


def test_another_version_is_left_to_poetry(run: Run) -> None:
    run()
    run.app.write("poetry.lock", LOCK.replace("aa", "dd").replace('"1.0"', '"1.1"'))
    assert run() == 7


def test_the_record_of_the_last_build_is_replaced_and_not_overwritten(run: Run) -> None:
    run()
    kept = run.app.path / "kept.json"
    kept.hardlink_to(run.record)
    before = kept.read_text()
    run.app.write("poetry.lock", LOCK.replace('"2.0"', '"2.1"'))
    run()
    assert kept.read_text() == before != run.record.read_text()
