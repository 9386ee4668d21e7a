"""The environment's content: what determines it, whether it is locked, and the commands that make it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import (
    Change,
    EnvironmentInstall,
    Locked,
    PluginError,
    Project,
    Resolution,
    Resolved,
    UserError,
)
from layerwright.process.redaction import KNOWN
from layerwright_pip.environment import environment
from layerwright_pip.manager import PipSettings
from layerwright_pip.resolution import read_report
from tests.unit.pip.requests import NO_FILES, environment_request
from tests.unit.sameness import unproved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Command
    from layerwright.testing.applications import Application

HASH = "--hash=sha256:" + 64 * "0"
PIP = "/layers/tool-pip/bin/pip"
COMMON = ("--no-input", "--disable-pip-version-check", "--cache-dir=/layers/cache-pip")


def install(
    app: Application,
    text: str = "flask",
    *,
    settings: PipSettings | None = None,
    more: Mapping[str, str] | None = None,
) -> EnvironmentInstall:
    app.write("requirements.txt", text)
    request = environment_request(app, settings=settings, environment=NO_FILES | dict(more or {}))
    return environment(request)


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_the_requirements_files_are_installed_in_order(app: Application) -> None:
    app.write("dev.txt", "")
    found = install(app, settings=PipSettings(requirements=("requirements.txt", "dev.txt")))
    [command] = found.commands
    assert command.argv == (
        PIP,
        "install",
        *COMMON,
        "--no-compile",
        "--no-warn-script-location",
        "--progress-bar=off",
        "--report=/report.json",
        "--src=/layers/venv/src",
        "-r",
        "requirements.txt",
        "-r",
        "dev.txt",
    )
    assert command.cwd == app.path
    assert command.words == "pip install -r requirements.txt -r dev.txt"
    assert found.inputs == {
        "requirements.txt": digest("flask"),
        "dev.txt": digest(""),
    }
    assert found.checks == ()


def test_what_pip_did_not_look_at_is_looked_at_afterwards(app: Application) -> None:
    found = install(app, more={"PIP_NO_DEPS": "1"})
    assert [check.argv for check in found.checks] == [(PIP, "check", *COMMON)]


@pytest.mark.parametrize(("exec_env", "files"), [("production", "a.txt"), ("test", "a.txt t.txt")])
def test_files_of_the_test_environment_are_added_for_it_alone(
    app: Application, exec_env: str, files: str
) -> None:
    for name in ("a.txt", "t.txt"):
        app.write(name, "")
    settings = PipSettings(requirements=("a.txt",), test_requirements=("t.txt",))
    request = replace(environment_request(app, settings=settings), exec_env=exec_env)
    [command] = environment(request).commands
    assert command.words == f"pip install -r {files.replace(' ', ' -r ')}"


def test_without_requirements_files_there_is_nothing_to_install(app: Application) -> None:
    found = install(app, settings=PipSettings(requirements=()))
    assert (found.commands, found.sameness) == ((), Locked())


def test_unlocked_requirements_are_resolved_as_if_nothing_were_installed(app: Application) -> None:
    found = install(app)
    assert isinstance(found.sameness, Resolution)
    assert found.sameness.command.argv == (
        PIP,
        "install",
        *COMMON,
        "--dry-run",
        "--ignore-installed",
        "--quiet",
        "--report=/report.json",
        "-r",
        "requirements.txt",
    )


def test_hash_locked_requirements_are_locked(app: Application) -> None:
    assert isinstance(install(app, f"flask==3 {HASH}").sameness, Locked)


def test_a_setting_can_unlock_them(app: Application) -> None:
    found = install(app, f"flask==3 {HASH}", more={"PIP_NO_REQUIRE_HASHES": "1"})
    assert isinstance(found.sameness, Resolution)


def test_what_cannot_be_proved_makes_a_fresh_environment(app: Application) -> None:
    app.write("pkg/pyproject.toml", "")
    found = install(app, "-e ./pkg\n./pkg")
    assert unproved(found) == "requirements.txt:1 is editable"
    assert found.inputs.keys() == {"requirements.txt", "pkg"}


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("flask --config-settings=a=b", {}, "requirements.txt:1 has build options"),
        ("flask", {"PIP_CONFIG_SETTINGS": "a=b"}, "pip setting config-settings changes builds"),
    ],
)
def test_what_is_built_otherwise_is_not_told_by_what_is_resolved(
    app: Application, text: str, more: dict[str, str], reason: str
) -> None:
    found = install(app, text, more=more)
    assert unproved(found) == reason


def test_what_is_built_otherwise_and_locked_is_kept_as_long_as_nothing_changes(app: Application) -> None:
    found = install(app, f"flask==3 {HASH}", more={"PIP_NO_BUILD_ISOLATION": "1"})
    assert found.sameness == Locked()


def test_variables_and_settings_count_without_secrets(app: Application) -> None:
    text = "-i ${INDEX}\n--extra-index-url https://${TOKEN}@example.com/x\nflask"
    more = {"INDEX": "https://u:s3cret@example.com/simple", "TOKEN": "s3cret", "PIP_PRE": "1"}
    found = install(app, text, more=more)
    assert found.inputs == {
        "requirements.txt": digest(text),
        "${INDEX}": digest("https://example.com/simple"),
        "pip setting pre": "1",
    }


def test_constraints_of_pips_own_settings_count(app: Application) -> None:
    app.write("limits.txt", "flask<4")
    app.write("build.txt", "flit_core<4")
    found = install(app, more={"PIP_CONSTRAINT": "limits.txt", "PIP_BUILD_CONSTRAINT": "build.txt"})
    assert {"limits.txt", "build.txt"} <= found.inputs.keys()


def test_reserved_settings_of_a_configuration_file_are_refused(app: Application) -> None:
    app.write("pip.conf", "[install]\ntarget = x")
    with pytest.raises(UserError, match="pip's configuration sets options that Layerwright controls"):
        install(app, more={"PIP_CONFIG_FILE": "pip.conf"})


def converge(app: Application, text: str, change: Change, **more: str) -> tuple[Command, ...]:
    sameness = install(app, text, more=more).sameness
    resolution = sameness.update if isinstance(sameness, Locked) else sameness
    assert isinstance(resolution, Resolution)
    return resolution.converge(change)


def test_what_is_replaced_is_uninstalled_before_anything_is_installed(app: Application) -> None:
    flask = Resolved(name="flask", version="3.1", hashes=("sha256:aa", "sha512:bb"))
    commands = converge(app, "flask", Change(install=(flask,), replace=("flask",), remove=("toml", "django")))
    assert [command.argv for command in commands] == [
        (PIP, "uninstall", *COMMON, "--yes", "-qq", "django", "flask", "toml"),
        (
            PIP,
            "install",
            *COMMON,
            "--no-compile",
            "--no-warn-script-location",
            "--progress-bar=off",
            "--no-deps",
            "--force-reinstall",
            "--no-warn-conflicts",
            "--requirement=/dev/stdin",
        ),
    ]
    assert commands[1].stdin == "flask==3.1 --hash=sha256:aa --hash=sha512:bb\n"
    assert [command.words for command in commands] == [
        "pip uninstall django flask toml",
        "pip install flask 3.1",
    ]
    assert "--clean" in commands[0].remedy[0]


def test_a_change_of_nothing_needs_no_command(app: Application) -> None:
    assert converge(app, "flask", Change()) == ()


def test_what_has_no_hash_is_installed_apart(app: Application) -> None:
    change = Change(
        install=(
            Resolved(name="a", version="1", hashes=("sha256:aa",)),
            Resolved(name="b", version="2"),
        )
    )
    commands = converge(app, "flask", change)
    assert [command.stdin for command in commands] == ["a==1 --hash=sha256:aa\n", "b==2\n"]


def test_options_and_direct_references_are_repeated_as_written(app: Application) -> None:
    text = "-i https://${TOKEN}@example.com/simple\na @ https://${TOKEN}@example.com/a.zip#egg=a ; os_name != 'x'"
    change = Change(
        install=(
            Resolved(name="a", version="1", hashes=("sha256:aa",), url="https://example.com/a.zip"),
            Resolved(name="b", version="2", hashes=("sha256:bb",), url="https://example.com/b.zip"),
        )
    )
    commands = converge(app, text, change, TOKEN="s3cret")
    assert commands[0].stdin.splitlines() == [
        "-i https://${TOKEN}@example.com/simple",
        "a @ https://${TOKEN}@example.com/a.zip#egg=a ; os_name != 'x' --hash=sha256:aa",
        "b @ https://example.com/b.zip --hash=sha256:bb",
    ]


def test_a_direct_reference_is_found_again_though_a_secret_is_taken_out_of_its_address(
    app: Application,
) -> None:
    text = "a @ https://example.com/a.zip?token=${TOKEN}"
    resolved = Resolved(name="a", version="1", url="https://example.com/a.zip?token=****")
    commands = converge(app, text, Change(install=(resolved,)), TOKEN="s3cret")
    assert commands[0].stdin == "a @ https://example.com/a.zip?token=${TOKEN}\n"


def test_a_secret_in_a_variable_or_in_a_setting_counts_neither_in_clear_nor_as_a_digest(
    app: Application,
) -> None:
    def inputs(token: str) -> Mapping[str, str]:
        KNOWN.learn_environment({"TOKEN": token})
        index = f"https://example.com/{token}/simple?token={token}"
        text = "a @ https://example.com/${TOKEN}/a.zip"
        return install(app, text, more={"TOKEN": token, "PIP_INDEX_URL": index}).inputs

    assert inputs("s3cret-of-mine") == inputs("an0ther-of-mine")


def item(name: str, info: Mapping[str, Any], *, is_direct: bool = False) -> dict[str, object]:
    return {
        "metadata": {"name": name, "version": "1.0"},
        "download_info": {"url": f"https://example.com/{name}", **info},
        "is_direct": is_direct,
    }


def test_a_report_is_read_as_a_sorted_set(app: Application) -> None:
    app.write("folder/setup.py", "")
    project, folder = Project(app.path), (app.path / "folder").as_uri()
    report = {
        "version": "1",
        "install": [
            item(
                "Foo.Bar_x",
                {
                    "url": "https://example.com/f/foo_bar-1%210.tar.gz#sha256=aa",
                    "archive_info": {"hashes": {"sha512": "bb", "sha256": "aa"}},
                },
            ),
            item("repo", {"vcs_info": {"vcs": "git", "commit_id": "abc"}}, is_direct=True),
            item("direct", {"archive_info": {"hashes": {"sha256": "cc"}}}, is_direct=True),
            item("folder", {"url": folder, "dir_info": {}}, is_direct=True),
            item("cached", {"archive_info": {}}),
        ],
    }
    digest = f"directory:{project.digest('folder')}"
    assert read_report(json.dumps(report), project=project) == (
        Resolved(name="cached", version="1.0", archive="cached"),
        Resolved(
            name="direct",
            version="1.0",
            hashes=("sha256:cc",),
            url="https://example.com/direct",
            archive="direct",
        ),
        Resolved(name="folder", version="1.0", hashes=(digest,), url=folder),
        Resolved(
            name="foo-bar-x", version="1.0", hashes=("sha256:aa", "sha512:bb"), archive="foo_bar-1!0.tar.gz"
        ),
        Resolved(name="repo", version="1.0", url="https://example.com/repo@abc"),
    )


def test_a_local_directory_is_installed_as_it_was_written_and_without_a_hash(app: Application) -> None:
    app.write("folder/setup.py", "")
    found = install(app, "./folder[tls]\nflask")
    assert isinstance(found.sameness, Resolution)
    url = (app.path / "folder").as_uri()
    change = Change(
        install=(
            Resolved(name="flask", version="3.1", hashes=("sha256:aa",)),
            Resolved(name="folder", version="1.0", hashes=("directory:bb",), url=url),
        ),
        replace=("folder",),
    )
    gone, hashed, local = found.sameness.converge(change)
    assert gone.argv[-1] == "folder"
    assert hashed.stdin == "flask==3.1 --hash=sha256:aa\n"
    assert local.stdin == "./folder[tls]\n"


def test_a_wheel_is_installed_again_elsewhere_by_its_name_and_without_an_index(app: Application) -> None:
    resolution = install(app, "flask").sameness
    assert isinstance(resolution, Resolution)
    assert resolution.reinstall is not None
    command = resolution.reinstall(app.path / "sample" / "a_b-1.0-py3-none-any.whl", app.path / "environment")
    assert command.argv == (
        PIP, "install", *COMMON, "--no-compile", "--no-warn-script-location", "--progress-bar=off", "--quiet",
        "--no-deps", "--no-index", f"--find-links={app.path / 'sample'}", "a_b==1.0",
    )  # fmt: skip
    assert command.env == {"PIP_PYTHON": str(app.path / "environment")}


def test_a_report_in_another_format_is_refused(app: Application) -> None:
    with pytest.raises(PluginError, match="version 2"):
        read_report('{"version": "2"}', project=Project(app.path))
