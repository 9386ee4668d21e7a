"""pip's own settings: which are in force, which count, and which are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Project, SecretStr, UserError
from layerwright_pip.pip_config import (
    PipSetting,
    building_settings,
    index_environment,
    read_settings,
    refuse_reserved,
    setting_inputs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.testing.applications import Application


class Machine(Project):
    """An application on a machine whose whole file system is below one directory."""

    __slots__ = ()

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")


def read(app: Application, environment: Mapping[str, str] | None = None) -> dict[str, PipSetting]:
    return read_settings(Machine(app.path), {"HOME": "/home/me", **(environment or {})})


def values(found: Mapping[str, PipSetting]) -> dict[str, str]:
    return {name: setting.value for name, setting in found.items()}


def test_nothing_is_set_where_there_is_nothing(app: Application) -> None:
    assert read(app) == {}


def test_a_stronger_file_and_then_the_environment_win(app: Application) -> None:
    app.write("etc/xdg/pip/pip.conf", "[global]\nindex-url = xdg\npre = 1\nno-deps = 1")
    app.write("etc/pip.conf", "[global]\nindex-url = machine\n")
    app.write("home/me/.pip/pip.conf", "[global]\npre = 2\nno-deps = 2")
    app.write("home/me/.config/pip/pip.conf", "[global]\npre = 3\n")
    assert values(read(app)) == {"index-url": "machine", "pre": "3", "no-deps": "2"}
    assert read(app, {"PIP_PRE": "4"})["pre"] == PipSetting(name="pre", value="4", origin="PIP_PRE")


def test_a_setting_for_install_is_stronger_than_one_for_all(app: Application) -> None:
    app.write("etc/pip.conf", "[install]\npre = 1\n[download]\npre = 2\n")
    app.write("home/me/.pip/pip.conf", "[global]\npre = 3\n")
    assert read(app)["pre"] == PipSetting(name="pre", value="1", origin="/etc/pip.conf")


def test_the_own_file_of_the_environment_replaces_the_users(app: Application) -> None:
    app.write("home/me/.pip/pip.conf", "[global]\npre = 1\n")
    app.write("own.conf", "[global]\nno-deps = 1\n")
    assert values(read(app, {"PIP_CONFIG_FILE": "own.conf"})) == {"no-deps": "1"}
    assert values(read(app, {"PIP_CONFIG_FILE": "missing.conf"})) == {"pre": "1"}


def test_the_null_device_shuts_all_files_out(app: Application) -> None:
    app.write("etc/pip.conf", "[global]\npre = 1\n")
    assert read(app, {"PIP_CONFIG_FILE": "/dev/null"}) == {}


def test_without_a_home_directory_in_the_environment_there_is_still_one(app: Application) -> None:
    app.write("etc/pip.conf", "[global]\npre = 1\n")
    assert values(read_settings(Machine(app.path), {})) == {"pre": "1"}


def test_what_pip_cannot_read_is_passed_over_as_pip_does(app: Application) -> None:
    app.write("etc/pip.conf", b"[global]\npre = \xff\n")
    app.write("etc/xdg/pip/pip.conf/x", "")
    assert read(app) == {}


def test_a_malformed_file_is_named(app: Application) -> None:
    app.write("etc/pip.conf", "pre = 1\n")
    with pytest.raises(UserError) as error:
        read(app)
    assert error.value.summary == "/etc/pip.conf is not a valid pip configuration file."
    assert error.value.reference == "malformed-pip-configuration"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("hunter2 = 1\n", "Line 1"),
        ("[global]\nhunter2\npre = 1\nhunter3\n", "Line 2, 4"),
        ("[global]\nhunter2 = 1\nhunter2 = 2\n", "Line 3"),
    ],
)
def test_of_a_malformed_file_outside_of_the_application_only_the_line_is_reported(
    app: Application, text: str, lines: str
) -> None:
    outside = app.path.parent / "pip.conf"
    outside.write_text(text)
    with pytest.raises(UserError) as error:
        read_settings(Project(app.path), {"PIP_CONFIG_FILE": str(outside), "HOME": str(app.path)})
    assert error.value.cause == f"{lines}: (not shown, because the file is outside the application)."


def test_reserved_settings_of_all_files_are_reported_at_once(app: Application) -> None:
    app.write("etc/pip.conf", "[global]\nuser = 1\n")
    app.write("home/me/.pip/pip.conf", "[install]\ntarget = x\npre = 1\n")
    with pytest.raises(UserError) as error:
        refuse_reserved(read(app))
    assert error.value.cause.splitlines() == [
        "/home/me/.pip/pip.conf sets target.",
        "/etc/pip.conf sets user.",
    ]


def test_other_settings_are_not_refused(app: Application) -> None:
    refuse_reserved(read(app, {"PIP_PRE": "1"}))


def test_only_what_is_about_the_index_reaches_the_installation_of_pip(app: Application) -> None:
    found = read(
        app,
        {
            "PIP_CERT": "certs/ca.pem",
            "PIP_CLIENT_CERT": "~/me.pem",
            "PIP_EXTRA_INDEX_URL": "https://user:pass@example.com/simple",
            "PIP_FIND_LINKS": "wheels https://example.com/links /srv/wheels",
            "PIP_INDEX_URL": "https://example.com/simple",
            "PIP_PRE": "1",
            "PIP_TARGET": "x",
        },
    )
    assert index_environment(found, Project(app.path)) == {
        "PIP_CERT": str(app.path / "certs/ca.pem"),
        "PIP_CLIENT_CERT": "~/me.pem",
        "PIP_EXTRA_INDEX_URL": SecretStr("https://user:pass@example.com/simple"),
        "PIP_FIND_LINKS": f"{app.path}/wheels https://example.com/links /srv/wheels",
        "PIP_INDEX_URL": "https://example.com/simple",
    }


def test_what_can_change_the_result_counts_and_credentials_do_not(app: Application) -> None:
    found = read(
        app,
        {
            "PIP_DEFAULT_TIMEOUT": "9",
            "PIP_INDEX_URL": "https://user:pass@example.com/simple",
            "PIP_NO_INPUT": "1",
            "PIP_ONLY_BINARY": ":all:",
        },
    )
    assert setting_inputs(found) == {
        "pip setting index-url": "https://example.com/simple",
        "pip setting only-binary": ":all:",
    }


def test_settings_that_change_builds_are_reported(app: Application) -> None:
    found = read(app, {"PIP_CONFIG_SETTINGS": "a=b", "PIP_PRE": "1"})
    assert building_settings(found) == ("pip setting config-settings changes builds",)
