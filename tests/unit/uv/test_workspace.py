"""Members of a workspace: uv's lock file and settings are those of the workspace's root."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from layerwright import Detection, EnvironmentInstall, Expected, Project, UserError, VersionSource
from layerwright.process.failures.diagnosis import diagnosed, diagnoses_of
from layerwright.testing import project_request
from layerwright_uv.configuration import configuration_inputs
from layerwright_uv.environment import environment
from layerwright_uv.manager import Uv, UvSettings
from layerwright_uv.workspace import Workspace, workspace_of
from tests.unit.uv.requests import environment_request, tool_request

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.applications import Application

MEMBERS = 'members = ["apps/*", "lib"]'
UV_BUILD = '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'


def block(name: str, kind: str, source: str, *requires: str) -> str:
    more = "".join(f'    {{ name = "{one}" }},\n' for one in requires)
    return (
        f'[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ {kind} = "{source}" }}\n'
        f"dependencies = [\n{more}]\n\n"
    )


API = block("api", "editable", "apps/api", "lib")
JOB = block("job", "editable", "apps/job", "extra")
LIB = block("lib", "editable", "lib", "base")
BASE = block("base", "registry", "https://example.com/simple")
EXTRA = block("extra", "registry", "https://example.com/simple")


@pytest.fixture
def root(app: Application) -> Application:
    """The root of a workspace with two applications and a library."""
    app.write("pyproject.toml", f"[tool.uv.workspace]\n{MEMBERS}\n")
    for member in ("apps/api", "apps/job", "lib"):
        app.write(f"{member}/pyproject.toml", f'[project]\nname = "{member[-3:]}"\n{UV_BUILD}')
    lock(app)
    return app


def lock(root: Application, *, extra: str = EXTRA, manifest: str = "") -> None:
    root.write(
        "uv.lock", f'version = 1\nrequires-python = ">=3.12"\n{manifest}\n{API}{JOB}{LIB}{BASE}{extra}'
    )


def member(root: Application, name: str = "apps/api") -> Application:
    return dataclasses.replace(root, path=root.path / name)


def install(root: Application, settings: UvSettings | None = None) -> EnvironmentInstall:
    return environment(environment_request(member(root), settings=settings))


def changed(before: EnvironmentInstall, after: EnvironmentInstall) -> set[str]:
    both = before.inputs.keys() | after.inputs.keys()
    return {name for name in both if before.inputs.get(name) != after.inputs.get(name)}


def test_the_nearest_project_above_is_the_root_if_it_includes_the_application(root: Application) -> None:
    found = workspace_of(Project(member(root).path))
    assert found == Workspace("../..", "apps/api")
    assert found.name("uv.lock") == "../../uv.lock"


@pytest.mark.parametrize(
    "text",
    [
        "[tool.uv.workspace]\nmembers = ['lib']\n",
        "[tool.uv.workspace]\nmembers = 1\n",
        "[tool.uv.workspace]\nmembers = ['', '/a', '**a/..b']\n",
        f"[tool.uv.workspace]\n{MEMBERS}\nexclude = ['apps/a*']\n",
        "[project]\nname = 'other'\n",
    ],
)
def test_an_application_that_no_root_includes_is_its_own_root(root: Application, text: str) -> None:
    root.write("pyproject.toml", text)
    assert workspace_of(Project(member(root).path)) == Workspace(".", ".")


def test_the_root_of_a_workspace_is_in_no_other(root: Application, tmp_path: Path) -> None:
    root.write("apps/api/pyproject.toml", "[tool.uv.workspace]\n")
    assert workspace_of(Project(member(root).path)) == Workspace(".", ".")
    assert workspace_of(Project(tmp_path)) == Workspace(".", ".")


def test_a_project_table_that_is_a_link_out_of_the_tree_is_refused(root: Application) -> None:
    root.path.joinpath("pyproject.toml").rename(root.path.parent / "elsewhere.toml")
    (root.path / "pyproject.toml").symlink_to("../elsewhere.toml")
    with pytest.raises(UserError) as raised:
        workspace_of(Project(member(root).path, root.path))
    assert raised.value.reference == "outside-configuration"


def test_the_lock_file_of_the_workspace_is_the_evidence_and_has_the_bounds(root: Application) -> None:
    request = project_request(member(root), settings=UvSettings())
    assert Uv().detect(request) == Detection(evidence="../../uv.lock")
    assert Uv().python_bounds(request) == VersionSource(
        origin="../../uv.lock: requires-python", value=">=3.12", specifier=">=3.12"
    )


def test_what_the_member_needs_counts_and_nothing_of_the_other_members(root: Application) -> None:
    before = install(root)
    [command] = before.commands
    assert command.cwd == member(root).path
    assert before.inputs.keys() == {
        "../../uv.lock",
        "../../pyproject.toml",
        "../../lib/pyproject.toml",
        "pyproject.toml",
        "api in .",
        "lib in ../../lib",
    }
    root.write("apps/job/new.py", "")
    root.write("apps/job/pyproject.toml", "[project]\n")
    lock(root, extra=EXTRA.replace("1.0", "2.0"))
    assert changed(before, install(root)) == set()
    root.write("lib/new.py", "")
    assert changed(before, install(root)) == {"lib in ../../lib"}
    lock(root, manifest='[manifest]\noverrides = [{ name = "base" }]\n')
    assert changed(before, install(root)) == {"lib in ../../lib", "../../uv.lock"}


def test_a_group_of_the_root_may_need_any_distribution(root: Application) -> None:
    manifest = '[manifest.dependency-groups]\ndev = [{ name = "extra" }]\n'
    lock(root, manifest=manifest)
    before = install(root)
    lock(root, manifest=manifest, extra=EXTRA.replace("1.0", "2.0"))
    assert changed(before, install(root)) == {"../../uv.lock"}


def test_the_configured_member_counts_at_the_root_as_well(root: Application) -> None:
    def at_the_root() -> EnvironmentInstall:
        return environment(environment_request(root, settings=UvSettings(package="Job")))

    before = at_the_root()
    assert "job in apps/job" in before.inputs
    root.write("lib/new.py", "")
    assert changed(before, at_the_root()) == set()


def test_at_the_root_without_a_project_all_members_count(root: Application) -> None:
    found = environment(environment_request(root))
    assert {name for name in found.inputs if " in " in name} == {
        "api in apps/api",
        "job in apps/job",
        "lib in lib",
    }
    assert found.warnings == (
        "All members of the workspace are installed: apps/api, apps/job, lib.\n"
        "To build one, choose its directory: layerwright build . --app apps/api",
    )
    assert install(root).warnings == ()


def test_what_is_expected_is_what_the_member_needs(root: Application) -> None:
    assert Uv().expects(environment_request(member(root))) == Expected(
        names=frozenset({"api", "lib", "base"}), source="../../uv.lock"
    )


def test_settings_are_those_of_the_root(root: Application) -> None:
    root.write(
        "pyproject.toml",
        f'[tool.uv]\nrequired-version = "0.9.1"\nno-build = true\n[tool.uv.workspace]\n{MEMBERS}\n',
    )
    root.write("apps/api/uv.toml", 'required-version = "0.9.2"\n')
    assert Uv().tool_layer(tool_request(member(root))).version == "0.9.1"
    assert configuration_inputs(Project(member(root).path, root.path), {}).keys() == {"[tool.uv]"}
    root.write("uv.toml", 'required-version = "0.9.3"\n')
    assert Uv().tool_layer(tool_request(member(root))).version == "0.9.3"
    assert configuration_inputs(Project(member(root).path, root.path), {}).keys() == {
        "[tool.uv]",
        "../../uv.toml",
    }


def test_a_workspace_without_a_lock_file_is_locked_at_its_root(root: Application) -> None:
    root.remove("uv.lock")
    with pytest.raises(UserError) as raised:
        install(root)
    assert raised.value.summary == "../../uv.lock does not exist."
    assert raised.value.remedy[0] == "Run `uv lock`, and commit ../../uv.lock."


def stale(install: EnvironmentInstall) -> tuple[str, str]:
    """Return what is said if uv finds that the lock file is stale."""
    [command] = install.commands
    found = diagnosed(diagnoses_of(command), "The lockfile at `uv.lock` needs to be updated, but `--locked`")
    assert found is not None
    return found.summary, found.cause


def test_a_stale_lock_file_of_a_workspace_is_told_with_all_files_that_it_is_written_from(
    root: Application,
) -> None:
    assert stale(install(root)) == (
        "../../uv.lock does not match the projects that it locks.",
        "One of these was changed after ../../uv.lock was written:"
        " pyproject.toml, ../../apps/job/pyproject.toml, ../../lib/pyproject.toml, ../../pyproject.toml.",
    )
    summary, cause = stale(environment(environment_request(root)))
    assert summary == "uv.lock does not match the projects that it locks."
    assert cause.endswith(
        ": pyproject.toml, apps/api/pyproject.toml, apps/job/pyproject.toml, lib/pyproject.toml."
    )
    many = "".join(block(f"lib{number}", "editable", f"libs/{number}") for number in range(10))
    root.write("uv.lock", f"version = 1\n\n{many}")
    assert stale(environment(environment_request(root)))[1].endswith(
        " libs/7/pyproject.toml, libs/8/pyproject.toml, …."
    )


def test_a_stale_lock_file_of_one_project_is_told_with_its_file(app: Application) -> None:
    app.write("pyproject.toml", "")
    app.write("uv.lock", f"version = 1\n\n{block('shop', 'editable', '.')}")
    assert stale(environment(environment_request(app))) == (
        "uv.lock does not match pyproject.toml.",
        "pyproject.toml was changed after uv.lock was written.",
    )


def test_a_member_that_is_built_without_its_workspace_is_told_what_to_pass(app: Application) -> None:
    app.write("pyproject.toml", "[tool.uv.sources]\nother = 1\nlib = { workspace = true }\n")
    with pytest.raises(UserError) as raised:
        environment(environment_request(app))
    assert "this is a member of a workspace" in raised.value.cause
    assert raised.value.remedy[0].endswith("layerwright build ROOT --app MEMBER")


def test_a_local_project_that_the_tree_lacks_is_named(app: Application) -> None:
    app.write("pyproject.toml", "")
    app.write("uv.lock", f"version = 1\n\n{block('lib', 'directory', '../lib')}")
    with pytest.raises(UserError) as raised:
        environment(environment_request(app))
    assert (raised.value.summary, raised.value.reference) == ("../lib does not exist.", "path-outside-tree")


@pytest.mark.parametrize("group", ["dev", "docs"])
def test_a_local_project_that_no_chosen_group_needs_may_be_missing_if_the_lock_is_not_checked(
    app: Application, group: str
) -> None:
    app.write("pyproject.toml", "")
    own = '[[package]]\nname = "shop"\nversion = "1.0"\nsource = { virtual = "." }\n'
    groups = '[package.dev-dependencies]\ndev = [\n    { name = "lib" },\n]\n'
    app.write("uv.lock", f"version = 1\n\n{own}{groups}\n{block('lib', 'directory', '../lib')}")
    settings = UvSettings(frozen=True, groups=(group,))
    if group == "docs":
        assert environment(environment_request(app, settings=settings)).commands
        settings = UvSettings(groups=(group,))
    with pytest.raises(UserError) as raised:
        environment(environment_request(app, settings=settings))
    assert raised.value.reference == "path-outside-tree"
