"""The script runs a Poetry that takes plugins from beside it alone."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

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


def test_poetry_runs_without_plugins_of_the_application_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"console/application": APPLICATION, "plugins/plugin_manager": MANAGER}.items():
        file = tmp_path / "poetry" / f"{name}.py"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "argv", ["script", "sync"])
    with monkeypatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] == "poetry"]:
            patch.delitem(sys.modules, name)
        with pytest.raises(SystemExit) as raised:
            runpy.run_path(str(SCRIPT), run_name="__main__")
    assert raised.value.code == 7
