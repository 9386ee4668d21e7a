from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from layerwright.build.explain import explain
from layerwright.build.notices.stray_files import stray_files
from layerwright.files.project import Project
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

VENV = (
    "venv is a virtual environment in the application directory. It is not used, and may not work on another machine.\n"
    "Remove it from version control: git rm -r --cached venv, and add it to .gitignore."
)


def with_venv(directory: Path, name: str) -> Path:
    (directory / name).mkdir(parents=True)
    (directory / name / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return directory


def git(directory: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(directory), *words], check=True, capture_output=True)


def test_a_virtual_environment_in_the_source_is_named(tmp_path: Path) -> None:
    with_venv(tmp_path, "venv")
    (tmp_path / "src").mkdir()
    (tmp_path / "pyvenv.cfg").touch()
    assert stray_files(Project(tmp_path)) == (VENV,)
    with_venv(tmp_path, ".venv")
    assert len(stray_files(Project(tmp_path))) == 2


def test_a_virtual_environment_that_git_leaves_out_is_nothing_to_speak_of(tmp_path: Path) -> None:
    application = with_venv(tmp_path / "site", "venv")
    (application / "app.py").touch()
    git(tmp_path, "init")
    git(tmp_path, "add", "site/app.py")
    assert stray_files(Project(application)) == ()
    git(tmp_path, "add", "--force", "site/venv")
    assert stray_files(Project(application)) == (VENV,)


@pytest.mark.parametrize("name", ["Procfile.txt", "procfile", "PROCFILE"])
def test_a_procfile_that_is_misspelt_is_named_unless_there_is_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert stray_files(Project(tmp_path)) == (
        f"{name} is not read: the file for processes is called Procfile.\nRename it, or remove it.",
    )
    (tmp_path / "Procfile").touch()
    assert stray_files(Project(tmp_path)) == ()


def test_an_explanation_warns_of_them(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    with_venv(tmp_path / "app", "venv")
    assert VENV in explain(small_request(tmp_path)).warnings


def test_a_script_has_no_procfile(tmp_path: Path) -> None:
    (tmp_path / "Procfile.txt").touch()
    assert len(stray_files(Project(tmp_path))) == 1
    assert stray_files(Project(tmp_path, script="hello.py")) == ()
