from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.notices.unclaimed import is_meant_for_us, nothing_detected
from layerwright.config.sources import read_sources
from layerwright.files.project import Project
from tests.fixtures.plugins import CONFIGURABLE, PluginSite, providing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.errors import UserError
    from layerwright.testing.applications import Application


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    with PluginSite(tmp_path / "site-packages") as site:
        yield site


def missing(app: Application, site: PluginSite) -> UserError:
    error = nothing_detected(Project(app.path), site.entry_points)
    assert error is not None
    assert error.summary == "No package manager claims this application."
    assert error.reference == "nothing-detected"
    return error


def workspace(app: Application, site: PluginSite) -> Project:
    """Return a member of the workspace at *app*, which *site*'s package manager locks."""
    site.install(
        "acme",
        CONFIGURABLE.replace("file: str", "package: str | None = None\n    file: str"),
        conclusive=("acme.lock",),
    )
    app.write("acme.lock", "")
    app.write("apps/back end/pyproject.toml", '[project]\nname = "backend"\n')
    return Project(app.path / "apps/back end")


def test_a_member_of_a_workspace_is_built_from_where_its_lock_file_is(
    app: Application, site: PluginSite
) -> None:
    member = workspace(app, site)
    error = nothing_detected(member, site.entry_points)
    assert error is not None
    assert error.cause.startswith(f"acme.lock is in {app.path}, not here.")
    assert error.remedy == (
        f"Name the member: layerwright config set --app {app.path} acme.package backend",
        f"Build that directory: layerwright build {app.path}",
    )
    (member.root / "pyproject.toml").write_text("[tool.acme]\n")
    error = nothing_detected(Project(member.root), site.entry_points)
    assert error is not None
    assert error.remedy[0].endswith(" acme.package 'back end'")


def test_what_is_above_is_of_no_use_to_what_is_no_member(app: Application, site: PluginSite) -> None:
    member = workspace(app, site)
    (member.root / "acme.lock.bak").touch()
    (member.root / "pyproject.toml").unlink()
    assert nothing_detected(Project(member.root), ()) is None
    (member.root / "acme.lock").touch()
    error = nothing_detected(Project(member.root), site.entry_points)
    assert error is not None
    assert error.cause.startswith("acme.lock exists, but its package manager is disabled")


def test_a_package_manager_without_members_has_nothing_above(app: Application, site: PluginSite) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    app.write("acme.lock", "")
    app.write("apps/backend/pyproject.toml", "")
    error = nothing_detected(Project(app.path / "apps/backend"), site.entry_points)
    assert error is not None
    assert error.cause == "None of these files exists: acme.lock."


def test_what_is_no_python_at_all_is_passed_over(app: Application, site: PluginSite) -> None:
    site.install("pip", providing("pip"), conclusive=("requirements.txt",))
    app.write("package.json", "{}")
    app.write("lib/module.py", "")
    (app.path / "directory.py").mkdir()
    assert nothing_detected(Project(app.path), site.entry_points) is None


@pytest.mark.parametrize("name", ["app.py", "setup.py", "setup.cfg", "pyproject.toml", ".python-version"])
def test_what_looks_like_python_lacks_the_files_of_the_plugins(
    app: Application, site: PluginSite, name: str
) -> None:
    site.install("pip", providing("pip"), conclusive=("requirements.txt",))
    site.install("acme", providing("acme"), conclusive=("acme.lock", "requirements.txt"))
    app.write(name, "")
    assert missing(app, site).cause == "None of these files exists: acme.lock, requirements.txt."


def test_a_directory_of_requirements_files_is_mentioned(app: Application, site: PluginSite) -> None:
    site.install("pip", providing("pip"), conclusive=("requirements.txt",))
    app.write("main.py", "")
    app.write("requirements/prod.txt", "")
    assert missing(app, site).cause.startswith("requirements is a directory: name its files in the settings")


def test_without_plugins_no_such_file_is_known(app: Application, site: PluginSite) -> None:
    app.write("app.py", "")
    error = missing(app, site)
    assert error.cause == "No installed plugin provides a package manager."
    assert error.remedy == ('Install the standard plugins: pip install "layerwright[standard]"',)


@pytest.mark.parametrize(
    "name", ["requirement.txt", "requirments.txt", "Requirements.TXT", "requirements.text", "requirements"]
)
def test_a_misspelt_file_is_recognised(app: Application, site: PluginSite, name: str) -> None:
    site.install("pip", providing("pip"), conclusive=("requirements.txt",))
    app.write(name, "")
    assert missing(app, site).cause == f"{name} exists: is it meant to be requirements.txt?"


@pytest.mark.parametrize("name", ["requirements-dev.txt", "requirements_test.txt", "dev-requirements.txt"])
def test_a_file_for_another_purpose_is_not_taken_for_a_misspelt_one(
    app: Application, site: PluginSite, name: str
) -> None:
    site.install("pip", providing("pip"), conclusive=("requirements.txt",))
    app.write(name, "")
    assert missing(app, site).cause == (
        f"{name} exists: name it in the settings of a package manager to install it.\n"
        "None of these files exists: requirements.txt."
    )
    app.write("demos/blog/requirements.txt", "")
    error = nothing_detected(Project(app.path), site.entry_points)
    assert error is not None
    assert error.reference == "application-below"


def test_a_file_whose_package_manager_does_not_take_it_is_reported(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    app.write("acme.lock", "")
    app.write("layerwright.toml", "[acme]\nfile = 'other.lock'\n")
    assert missing(app, site).cause == (
        "acme.lock exists, but its package manager is disabled or configured to look for another file."
    )


def test_a_file_whose_plugin_was_asked_and_declined_is_reported_with_what_else_it_looks_for(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", providing("acme"), conclusive=("acme.lock",), evidence=("pyproject.toml",))
    app.write("pyproject.toml", "[tool.ruff]\n")
    error = missing(app, site)
    assert error.cause == (
        "pyproject.toml exists, but acme did not claim the application.\n"
        "None of these files exists: acme.lock."
    )
    assert error.remedy[0] == "Add one of those files, with the application's dependencies in it."


def test_a_file_whose_plugin_is_disabled_is_reported(app: Application, site: PluginSite) -> None:
    for name in ("acme", "beta", "delta", "gamma", "zeta"):
        site.install(name, providing(name), evidence=("pyproject.toml",))
    site.install("hooks", "", plugins={}, evidence=("pyproject.toml",))
    app.write("pyproject.toml", "")
    error = nothing_detected(Project(app.path), site.entry_points, ("acme", "layerwright-beta"))
    assert error is not None
    assert error.cause == (
        "pyproject.toml exists, but delta, gamma and zeta did not claim the application.\n"
        "pyproject.toml exists, but acme and beta are disabled."
    )
    everything = ("acme", "beta", "delta", "gamma", "zeta")
    for disabled, words in (
        (("acme",), "but acme is disabled."),
        (everything, "pyproject.toml exists, but acme, beta, delta, gamma and zeta are disabled."),
    ):
        error = nothing_detected(Project(app.path), site.entry_points, disabled)
        assert error is not None
        assert error.cause.endswith(words)


def test_where_a_plugin_declined_and_looks_for_nothing_else_only_the_configuration_can_say(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", providing("acme"), evidence=("pyproject.toml",))
    app.write("pyproject.toml", "")
    error = missing(app, site)
    assert error.cause == "pyproject.toml exists, but acme did not claim the application."
    assert error.remedy[0].startswith("Name the package manager: ")


@pytest.mark.parametrize(
    ("file", "near"), [("bun.lock", "uv.lock"), ("requirements.yml", "requirements.txt")]
)
@pytest.mark.parametrize("script", [True, False])
def test_the_files_of_other_ecosystems_are_no_misspelt_ones_of_ours(
    app: Application, site: PluginSite, file: str, near: str, script: bool
) -> None:
    site.install("acme", providing("acme"), conclusive=(near,))
    app.write(file, "")
    if not script:
        assert nothing_detected(Project(app.path), site.entry_points) is None
        return
    app.write("release_notes.py", "")
    assert missing(app, site).cause == f"None of these files exists: {near}."


# What the detect phase of a buildpack leaves to others


@pytest.mark.parametrize(
    ("files", "ours"),
    [
        ({"pyproject.toml": "[tool.ruff]\n"}, False),
        ({"pyproject.toml": "[tool.layerwright]\n"}, False),
        ({"pyproject.toml": "[tool.layerwright.pip]\nlaunch = true\n"}, True),
        ({"layerwright.toml": "package-manager = 'acme'\n"}, True),
        ({"acme.lock": ""}, True),
        ({"bun.lock": "{}", "package.json": "{}", "release_notes.py": ""}, False),
        ({"go.mod": "", "tool.py": ""}, False),
    ],
)
def test_what_is_clearly_ours_has_our_configuration_or_a_conclusive_file(
    app: Application, site: PluginSite, files: dict[str, str], ours: bool
) -> None:
    site.install("acme", providing("acme"), conclusive=("acme.lock",), evidence=("pyproject.toml",))
    for name, text in files.items():
        app.write(name, text)
    project = Project(app.path)
    assert is_meant_for_us(project, read_sources(project, {}), site.entry_points) is ours
