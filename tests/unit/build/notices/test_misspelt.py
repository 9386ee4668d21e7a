from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.notices.misspelt import misspelt_files
from layerwright.files.project import Project

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (".python_version", ".python-version"),
        (".pythonversion", ".python-version"),
        ("python-version", ".python-version"),
        (".python-versions", ".python-version"),
        (".python-version.txt", ".python-version"),
        (".tool-version", ".tool-versions"),
        (".tool_versions", ".tool-versions"),
        ("runtimes.txt", "runtime.txt"),
        ("Runtime.txt", "runtime.txt"),
        ("mise-toml", "mise.toml"),
    ],
)
def test_a_file_with_almost_the_right_name_is_named(app: Application, name: str, meant: str) -> None:
    app.write(name, "3.12")
    app.write(meant, "3.12")
    assert misspelt_files(Project(app.path)) == (
        f"{name} is not read.\nRename it to {meant}, if it is meant to select the Python version.",
    )


def test_the_right_names_are_not_misspelt(app: Application) -> None:
    for name in (".python-version", ".tool-versions", "mise.toml", ".mise.toml", "runtime.txt", "python.py"):
        app.write(name, "")
    assert misspelt_files(Project(app.path)) == ()
