"""What the plugin makes of a lock file, as values: nothing is installed here."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import Detection, Locked, SecretStr, Unprovable, Update, UserError
from layerwright.testing import Application, environment_request, project_request, tool_request
from layerwright_pipenv.manager import Pipenv, PipenvSettings
from tests.unit.sameness import locked_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright import EnvironmentInstall

PIPENV = Pipenv()
ACME = {"hashes": ["sha256:aa"], "version": "==1.0"}
OTHER = {"hashes": ["sha256:bb"], "version": "==1.0"}


@pytest.fixture
def app(tmp_path: Path) -> Application:
    """Return an application with ``acme``, and with ``probe`` for its development."""
    app = Application(tmp_path / "app")
    app.path.mkdir()
    app.write("Pipfile", "")
    return locked(app, default={"acme": ACME}, develop={"probe": ACME})


def locked(app: Application, meta: object = None, **sections: object) -> Application:
    """Write a lock file into *app*."""
    app.write("Pipfile.lock", json.dumps({"_meta": meta or {}, **sections}))
    return app


def install(app: Application, *, exec_env: str = "production", **settings: Any) -> EnvironmentInstall:
    """Return how the environment of *app* is filled, with *settings*."""
    environment = settings.pop("environment", {})
    request = environment_request(
        app,
        settings=PipenvSettings(**settings),
        environment=environment,
        name="pipenv",
        exec_env=exec_env,
    )
    return PIPENV.environment(request)


def unproved(install: EnvironmentInstall) -> str:
    """Return why nothing proves sameness, nothing where something does."""
    return install.sameness.because if isinstance(install.sameness, Unprovable) else ""


def update_of(install: EnvironmentInstall) -> Update:
    """Return how a locked *install* is brought to a change."""
    assert isinstance(install.sameness, Locked)
    assert isinstance(install.sameness.update, Update)
    return install.sameness.update


def archives_of(install: EnvironmentInstall) -> Mapping[str, str]:
    """Return the digests of archives that a locked *install* is updated by."""
    return update_of(install).archives


def bounds(app: Application) -> str | None:
    """Return the Python versions that the lock file of *app* is for."""
    found = PIPENV.python_bounds(project_request(app, settings=PipenvSettings()))
    return found.specifier if found else None


@pytest.mark.parametrize(
    ("requires", "expected"),
    [
        ({}, None),
        ({"python_version": "*"}, None),
        ({"python_version": "3"}, "==3.*"),
        ({"python_version": "3.13"}, "==3.13.*"),
        ({"python_version": "3.13.1"}, "==3.13.1"),
        ({"python_version": ">=3.11"}, ">=3.11"),
        ({"python_version": "3.13", "python_full_version": "3.13.2"}, "==3.13.2"),
    ],
)
def test_the_python_is_the_one_that_the_lock_file_was_made_for(
    app: Application, requires: dict[str, str], expected: str | None
) -> None:
    assert bounds(locked(app, meta={"requires": requires}, default={})) == expected


def test_a_pipfile_without_a_lock_file_is_a_fallback_that_asks_for_it_and_for_no_python(
    app: Application,
) -> None:
    app.remove("Pipfile.lock")
    request = project_request(app, settings=PipenvSettings())

    assert bounds(app) is None
    assert PIPENV.detect(request) == Detection(evidence="Pipfile", fallback=True)
    app.remove("Pipfile")
    assert PIPENV.detect(request) is None
    with pytest.raises(UserError, match=r"There is no Pipfile\.lock"):
        install(app)


@pytest.mark.parametrize("name", ["Pipfile", "Pipfile.lock"])
def test_what_pipenv_would_print_of_a_file_outside_of_the_application_is_refused(
    app: Application, name: str
) -> None:
    (app.path.parent / "secret").write_text("hunter2")
    app.remove(name)
    (app.path / name).symlink_to("../secret")
    with pytest.raises(UserError, match="is a link to a file outside"):
        install(app)


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD",
        "[" * 100_000,
        "[]",
        '{"default": []}',
        '{"default": {"acme": "==1.0"}}',
        '{"default": {"acme": {"path": 3}}}',
        '{"default": {}, "_meta": {"sources": 3}}',
        '{"default": {}, "_meta": {"sources": ["index"]}}',
        '{"default": {}, "_meta": {"requires": "3.13"}}',
    ],
)
def test_what_pipenv_has_not_written_is_an_error(app: Application, text: str) -> None:
    app.write("Pipfile.lock", text)

    with pytest.raises(UserError, match="is not a lock file of Pipenv") as raised:
        install(app)
    assert raised.value.reference == "bad-pipfile-lock"


def test_categories_are_those_of_the_settings(app: Application) -> None:
    shown = [command.words for command in install(app).commands]
    assert shown == ["pipenv sync --categories=packages", "pipenv clean"]

    more = install(app, test_categories=("dev-packages",), exec_env="test")
    assert more.commands[0].words == "pipenv sync --categories=packages dev-packages"
    assert set(archives_of(more)) == {"acme==1.0", "probe==1.0"}
    assert install(app, test_categories=("dev-packages",)).commands == install(app).commands


def test_a_category_that_is_not_locked_is_an_error(app: Application) -> None:
    with pytest.raises(UserError, match=r"Pipfile\.lock has no category docs"):
        install(app, categories=("docs",))


def test_each_hash_of_the_lock_file_is_an_archive_without_a_name(app: Application) -> None:
    archives = locked_in(install(app))
    assert {(one.name, one.version, one.filename, len(one.hashes)) for one in archives} == {
        ("acme", "1.0", "", 1)
    }


def test_another_archive_of_the_same_version_is_another_one(app: Application) -> None:
    before = archives_of(install(app))
    after = archives_of(install(locked(app, default={"acme": OTHER})))

    assert before["acme==1.0"] != after["acme==1.0"]


def test_how_pip_is_set_to_build_makes_other_archives(app: Application) -> None:
    there = install(app, environment={"PIP_NO_BINARY": "acme", "PIP_TIMEOUT": "30"})

    assert there.inputs["PIP_NO_BINARY"] == "acme"
    assert "PIP_TIMEOUT" not in there.inputs
    assert archives_of(there)["acme==1.0"] != archives_of(install(app))["acme==1.0"]


def test_a_configuration_file_of_pip_is_not_read(app: Application) -> None:
    there = install(app, environment={"PIP_CONFIG_FILE": "/etc/pip.conf"})

    assert {command.env["PIP_CONFIG_FILE"] for command in (*there.first, *there.commands)} == {os.devnull}


def test_a_local_directory_counts_with_its_content(app: Application) -> None:
    app.write("lib/pyproject.toml", "")
    locked(app, default={"lib": {"path": "./lib", "editable": True}})
    before = install(app)
    app.write("lib/pyproject.toml", "[project]")
    after = install(app)

    assert not unproved(before)
    assert before.inputs != after.inputs
    assert archives_of(before)["lib=="] != archives_of(after)["lib=="]


def test_a_local_dependency_that_the_source_tree_lacks_is_named(app: Application) -> None:
    locked(app, default={"lib": {"path": "../lib", "editable": True}})
    with pytest.raises(UserError) as raised:
        install(app)
    assert (raised.value.summary, raised.value.reference) == ("../lib does not exist.", "path-outside-tree")
    assert raised.value.cause.startswith("Pipfile.lock names it.")
    assert raised.value.remedy[0].endswith("layerwright build DIR --app APP")


def test_a_local_dependency_that_pipenv_does_not_install_may_be_missing(app: Application) -> None:
    lib = {"path": "../lib", "markers": "python_version < '3'"}
    locked(app, default={"lib": lib}, develop={"tools": {"file": "../tools"}})
    assert install(app).commands


def test_what_nothing_pins_has_every_build_recreate_the_environment(app: Application) -> None:
    commit = {"git": "https://example.com/lib.git", "ref": "0123abc" + "0" * 33}
    branch = {"git": "https://example.com/moving.git", "ref": "main"}
    anything = {"file": "https://example.com/tool.zip"}
    locked(app, default={"acme": ACME, "lib": commit, "moving": branch, "tool": anything})

    assert unproved(install(app)) == "Pipfile.lock has no hash for moving, tool"
    sameness = install(app).sameness
    assert isinstance(sameness, Unprovable)
    assert sameness.archives is not None
    assert {one.name for one in sameness.archives()} == {"acme"}


def test_pipenv_does_not_remove_what_another_category_has_or_what_it_never_removes(app: Application) -> None:
    keeps = update_of(install(app)).keeps
    assert "probe" in keeps
    assert "setuptools" in keeps
    # The first is wanted; the second is locked no longer, and `pipenv clean` removes it.
    assert not {"acme", "gone"} & keeps


def test_with_a_pylock_toml_pipenv_does_not_clean_and_every_change_recreates_the_environment(
    app: Application,
) -> None:
    app.write("pylock.shop.toml", "")

    there = install(app)

    assert [command.words for command in there.commands] == ["pipenv sync --categories=packages"]
    assert there.sameness == Locked(update=None)


def test_a_variable_in_the_url_of_a_source_is_a_secret(app: Application) -> None:
    url = "https://${USER}:$INDEX_PASSWORD@example.com/simple"
    locked(app, meta={"sources": [{"name": "index", "url": url}]}, default={})

    there = install(app, environment={"INDEX_PASSWORD": "hush", "OTHER": "known"})

    [verify] = there.first
    for command in (verify, *there.commands):
        assert command.env["INDEX_PASSWORD"] == SecretStr("hush")
        assert not {"USER", "OTHER"} & command.env.keys()
    assert "hush" not in repr(there)


def test_the_default_version_is_installed_by_hash_and_another_as_the_index_has_it(app: Application) -> None:
    index = {"PIP_INDEX_URL": "https://user:hush@example.com/simple"}

    def layer(version: str | None = None) -> Any:
        settings = PipenvSettings(version=version)
        return PIPENV.tool_layer(tool_request(app, settings=settings, environment=index, name="pipenv"))

    assert list(layer().inputs) == ["lock"]
    assert layer() == layer(layer().version)
    assert layer("2025.0.4").inputs == {
        "not hash-pinned": "pipenv==2025.0.4",
        "PIP_INDEX_URL": "https://****@example.com/simple",
    }
    assert "not hash-pinned" in layer("2025.0.4").install[1].words


def test_what_is_locked_in_the_chosen_categories_for_this_machine_is_expected(app: Application) -> None:
    windows = {**ACME, "markers": "sys_platform == 'win32'"}
    locked(app, default={"acme": ACME, "colorama": windows}, develop={"probe": ACME})
    for settings, names in (
        (PipenvSettings(), {"acme"}),
        (PipenvSettings(categories=("dev-packages",)), {"acme", "probe"}),
    ):
        found = PIPENV.expects(environment_request(app, settings=settings, name="pipenv"))
        assert (found.names, found.source, found.uncertain) == (names, "Pipfile.lock", "")
