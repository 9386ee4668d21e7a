from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.notices.elsewhere import applications_below, for_conda
from layerwright.build.notices.unclaimed import nothing_detected
from layerwright.files.project import Project
from layerwright.plugins.entry_points import CONCLUSIVE_GROUP, EntryPoint

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.applications import Application


@pytest.mark.parametrize(
    "name", ["environment.yml", "environment.yaml", "conda-lock.yml", "pixi.toml", "pixi.lock"]
)
def test_an_environment_of_conda_is_refused_with_the_reason(app: Application, name: str) -> None:
    app.write(name, "")
    app.write("main.py", "")
    error = nothing_detected(Project(app.path), ())
    assert error is not None
    assert error.summary == f"{name} is for conda, which Layerwright does not support."
    assert error.reference == "conda-environment"


def test_of_several_scripts_one_must_be_chosen(app: Application) -> None:
    for name in ("one.py", "two.py"):
        app.write(name, "# /// script\n# dependencies = []\n# ///\n")
    app.write("plain.py", "")
    error = nothing_detected(Project(app.path), ())
    assert error is not None
    assert error.cause == "These have inline metadata: one.py, two.py."
    assert error.remedy == (
        f"Build one of them: layerwright build {app.path}/one.py",
        "In an image, name it in a variable of the build: LAYERWRIGHT_SCRIPT=one.py",
    )
    assert error.reference == "several-scripts"


def test_without_one_there_is_nothing_to_say(app: Application) -> None:
    assert for_conda(Project(app.path)) is None


def test_the_directories_below_that_have_an_application_are_listed(app: Application) -> None:
    for place in (
        "api/requirements.txt",
        "services/web app/pyproject.toml",
        "services/web app/requirements.txt",
    ):
        app.write(place, "")
    for place in (
        ".hidden/requirements.txt",
        "node_modules/x/requirements.txt",
        "a/b/c/requirements.txt",
        "x/y.py",
    ):
        app.write(place, "")
    (app.path / "link").symlink_to("api")
    error = applications_below(Project(app.path), {"requirements.txt"})
    assert error is not None
    assert error.summary == f"There is no application in {app.path}, but in directories below it."
    assert error.cause == "api: requirements.txt\nservices/web app: requirements.txt"
    assert error.remedy == (
        f"Build one of them: layerwright build {app.path} --app api",
        "In an image, set a variable of the build: pack build --env LAYERWRIGHT_APP_DIR=api",
        f"Or choose one in the configuration: layerwright config set --app {app.path} app-dir api",
    )
    assert error.reference == "application-below"


def test_a_project_with_a_setup_py_is_an_application(app: Application) -> None:
    for place in (
        "api/setup.py",
        "web/pyproject.toml",
        "web/setup.py",
        "zoo/setup.py",
        "zoo/requirements.txt",
    ):
        app.write(place, "")
    error = applications_below(Project(app.path), {"requirements.txt"})
    assert error is not None
    assert error.cause == "api: setup.py\nweb: pyproject.toml\nzoo: requirements.txt"


def test_of_many_directories_the_first_are_listed(app: Application) -> None:
    for number in range(13):
        app.write(f"app{number:02}/pyproject.toml", "")
    error = applications_below(Project(app.path), ())
    assert error is not None
    assert len(error.cause.splitlines()) == 11
    assert error.cause.endswith("app09: pyproject.toml\n… and 3 more")


def test_a_large_tree_is_not_searched_to_the_end(app: Application) -> None:
    for number in range(600):
        (app.path / f"d{number:03}").mkdir()
    app.write("d598/requirements.txt", "")
    assert applications_below(Project(app.path), {"requirements.txt"}) is None


def test_a_directory_that_cannot_be_read_is_skipped(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.write("locked/requirements.txt", "")
    import os

    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert applications_below(Project(app.path), {"requirements.txt"}) is None


def test_an_application_at_the_top_is_not_looked_for_below(app: Application) -> None:
    app.write("tool.py", "")
    app.write("api/requirements.txt", "")
    error = nothing_detected(Project(app.path), ())
    assert error is not None
    assert error.reference == "nothing-detected"


def test_the_settings_of_a_linter_at_the_top_do_not_hide_the_applications_below(app: Application) -> None:
    app.write("pyproject.toml", "[tool.ruff]\nline-length = 100\n")
    app.write("noxfile.py", "")
    app.write("api/requirements.txt", "")
    known = [EntryPoint(CONCLUSIVE_GROUP, "requirements.txt", "m", "layerwright-pip", "1")]
    error = nothing_detected(Project(app.path), known)
    assert error is not None
    assert error.reference == "application-below"


def test_the_remedy_names_a_directory_below_a_chosen_one_from_the_top(tmp_path: Path) -> None:
    (tmp_path / "services" / "api").mkdir(parents=True)
    (tmp_path / "services" / "api" / "pyproject.toml").touch()
    error = applications_below(Project(tmp_path / "services", tmp_path), ())
    assert error is not None
    assert error.remedy[0] == f"Build one of them: layerwright build {tmp_path} --app services/api"
