"""Nothing of a file outside of the application is shown, even if a file of the application leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

# Each is what one reader or another would show a part of.
CONTENTS = {
    "a word": "hunter2\n",
    "a line of shadow": "root:$6$hunter2:19000:0:99999:7:::\n",
    "a key": "hunter2 = 1\n",
    "settings": 'package-manager = "hunter2"\n[python]\nversion = "hunter2"\n[pip]\nversion = "hunter2"\n',
    "a project": (
        '[project]\nname = "a"\nrequires-python = "hunter2"\n[tool.layerwright]\npackage-manager = "hunter2"\n'
    ),
    "a table": '[tool.uv]\nrequired-version = "hunter2"\n[tool.poetry]\nrequires-poetry = "hunter2"\n',
    "a lock file": 'version = 1\nlock-version = "hunter2"\nrequires-python = "hunter2"\n[metadata]\nx = "hunter2"\n',
    "a process": "hunter2: a\nweb hunter2\n",
    "tools": "python hunter2\n[tools]\npython = 'hunter2'\n",
    "not text": b"hunter2\xff\n",
}
# What each package manager's application is; all of them read the same files for the rest.
APPLICATIONS = {
    "pip": {"requirements.txt": "six==1.17.0\n"},
    "uv": {
        "pyproject.toml": '[project]\nname = "a"\nversion = "1"\n',
        "uv.lock": 'version = 1\nrequires-python = ">=3.9"\n',
    },
    "pdm": {
        "pyproject.toml": '[project]\nname = "a"\nversion = "1"\n[tool.pdm]\n',
        "pdm.lock": '[metadata]\nlock_version = "4.5.1"\n',
    },
    "pipenv": {
        "Pipfile": "[packages]\n",
        "Pipfile.lock": '{"_meta": {"requires": {"python_version": "3.13"}}, "default": {}}',
    },
    "poetry": {
        "pyproject.toml": '[project]\nname = "a"\nversion = "1"\n',
        "poetry.lock": '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\ncontent-hash = "a"\n',
    },
}
FILES = {
    "pip": (
        "layerwright.toml",
        "pyproject.toml",
        "requirements.txt",
        "pylock.toml",
        "uv.lock",
        "poetry.lock",
        "Procfile",
        ".python-version",
        "runtime.txt",
        ".tool-versions",
        "mise.toml",
    ),
    "uv": ("pyproject.toml", "uv.lock", "uv.toml"),
    "pdm": ("pyproject.toml", "pdm.lock", "pdm.toml"),
    "pipenv": ("Pipfile", "Pipfile.lock", "pylock.toml"),
    "poetry": ("pyproject.toml", "poetry.lock", "poetry.toml"),
}


@pytest.mark.parametrize(("manager", "name"), [(m, name) for m, names in FILES.items() for name in names])
def test_nothing_of_a_file_outside_of_the_application_is_shown(
    tmp_path: Path,
    manager: str,
    name: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAYERWRIGHT_PACKAGE_MANAGER", manager)
    app = tmp_path / "app"
    app.mkdir()
    for file, text in APPLICATIONS[manager].items():
        (app / file).write_text(text)
    (app / name).unlink(missing_ok=True)
    (app / name).symlink_to("../secret")
    for content in CONTENTS.values():
        (tmp_path / "secret").write_bytes(content if isinstance(content, bytes) else content.encode())
        for command in ("explain", "config"):
            main([command, str(app)])

    said = "".join(capfd.readouterr())
    assert said
    assert "hunter2" not in said
