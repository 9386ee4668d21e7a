"""uv in pip's place: its commands, what it makes of pip's settings, and what it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_pip
from layerwright import Change, EnvironmentInstall, Locked, Resolution, Resolved, SecretStr, UserError
from layerwright_pip.environment import environment
from layerwright_pip.manager import PipSettings
from layerwright_pip.requirement import Kind, Requirement, Target
from layerwright_pip.requirements_file import Closure
from layerwright_pip.uv_installer import read_lock
from tests.unit.pip.requests import NO_FILES, environment_request
from tests.unit.sameness import unproved

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

SCRIPT = Path(layerwright_pip.__file__).parent / "report_script.py"
UV = "/layers/tool-uv/bin/uv"
HASH = "--hash=sha256:" + 64 * "0"


def install(app: Application, text: str = "flask", **more: str) -> EnvironmentInstall:
    app.write("requirements.txt", text)
    settings = PipSettings(installer="uv")
    return environment(environment_request(app, settings=settings, environment={**NO_FILES, **more}))


def arguments(app: Application, text: str = "flask", **more: str) -> list[str]:
    """Return the arguments of the installation that are not there in every one."""
    known = {UV, "pip", "install", "--python=/layers/venv", "-r", "requirements.txt"}
    return [word for word in install(app, text, **more).commands[-1].argv if word not in known]


def variables(app: Application, text: str = "flask", **more: str) -> dict[str, object]:
    """Return the variables of the installation that are not there in every one."""
    usual = install(app).commands[-1].env
    env = install(app, text, **more).commands[-1].env
    return {name: value for name, value in env.items() if name not in usual or usual[name] != value}


def test_the_set_is_reported_and_then_installed(app: Application) -> None:
    found = install(app)
    compile_, fill = found.commands
    assert compile_.argv == (
        "/layers/python/bin/python3.13",
        "-I",
        str(SCRIPT),
        "/report.json",
        UV,
        "pip",
        "compile",
        # Not that of the virtual environment, which may run start-up code of what is installed there.
        "--python=/layers/python/bin/python3.13",
        "--refresh",
        "--quiet",
        "--no-header",
        "--format=pylock.toml",
        "requirements.txt",
    )
    assert fill.argv == (UV, "pip", "install", "--python=/layers/venv", "-r", "requirements.txt")
    assert fill.env == {
        "UV_CACHE_DIR": "/layers/cache-pip",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_LINK_MODE": "hardlink",
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    assert (compile_.cwd, fill.cwd, compile_.env) == (app.path, app.path, fill.env)
    assert [c.words for c in found.commands] == [
        "uv pip compile requirements.txt",
        "uv pip install -r requirements.txt",
    ]
    assert isinstance(found.sameness, Resolution)
    assert found.sameness.command == compile_
    assert found.inputs.keys() == {"requirements.txt"}
    assert (found.keeps_cache, found.checks) == (False, ())


def test_what_is_replaced_goes_before_anything_comes(app: Application) -> None:
    found = install(app)
    assert isinstance(found.sameness, Resolution)
    flask = Resolved(name="flask", version="3.1")
    commands = found.sameness.converge(Change(install=(flask,), replace=("flask",), remove=("acme",)))
    assert [command.words for command in commands] == [
        "uv pip uninstall acme flask",
        "uv pip install -r requirements.txt",
    ]


@pytest.mark.parametrize(
    ("text", "more"),
    [(f"flask==3 {HASH}", {}), ("--require-hashes\nflask", {}), ("flask", {"PIP_REQUIRE_HASHES": "1"})],
)
def test_hashes_are_required_where_pip_requires_them(
    app: Application, text: str, more: dict[str, str]
) -> None:
    assert arguments(app, text, **more) == ["--require-hashes"]


def test_hash_locked_requirements_are_locked_and_can_be_brought_to_others(app: Application) -> None:
    found = install(app, f"flask==3 {HASH}")
    assert isinstance(found.sameness, Locked)
    assert isinstance(found.sameness.update, Resolution)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("./a.whl", "requirements.txt:1 is an archive"),
        ("a @ https://example.com/a.zip", "requirements.txt:1 is an archive"),
        ("./pkg", "requirements.txt:1 is a local directory"),
    ],
)
def test_a_direct_reference_makes_a_fresh_environment(app: Application, text: str, reason: str) -> None:
    app.write("a.whl", "")
    app.write("pkg/pyproject.toml", "")
    found = install(app, text)
    assert (unproved(found), len(found.commands)) == (reason, 1)


def test_a_direct_reference_that_is_locked_is_kept(app: Application) -> None:
    found = install(app, f"flask==3 {HASH}\na @ https://example.com/a.zip {HASH}")
    assert found.sameness == Locked()


def test_an_archive_among_the_constraints_is_not_installed(app: Application) -> None:
    app.write("limits.txt", "a @ https://example.com/a.zip")
    assert unproved(install(app, "flask\n-c limits.txt")) == ""


def test_a_lock_file_needs_no_certain_pip(app: Application) -> None:
    app.write("pylock.toml", 'lock-version = "1.0"')
    settings = PipSettings(installer="uv")
    found = environment(environment_request(app, settings=settings, pip="25.0"))
    [command] = found.commands
    assert command.argv[-3:] == ("--require-hashes", "-r", "pylock.toml")
    assert found.sameness == Locked()


def test_without_requirements_files_there_is_nothing_to_install(app: Application) -> None:
    found = environment(environment_request(app, settings=PipSettings(installer="uv", requirements=())))
    assert (found.commands, found.sameness) == ((), Locked())


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"PIP_NO_INDEX": "1"}, ["--no-index"]),
        ({"PIP_NO_INDEX": "0"}, []),
        ({"PIP_PRE": "true", "PIP_NO_DEPS": "yes"}, ["--no-deps", "--prerelease=allow"]),
        ({"PIP_NO_BINARY": "a,b", "PIP_ONLY_BINARY": ":all:"}, ["--no-binary=a,b", "--only-binary=:all:"]),
        ({"PIP_CONSTRAINT": "a.txt b.txt"}, ["--constraints=a.txt", "--constraints=b.txt"]),
        ({"PIP_BUILD_CONSTRAINT": "a.txt"}, ["--build-constraints=a.txt"]),
    ],
)
def test_settings_become_options(app: Application, more: dict[str, str], expected: list[str]) -> None:
    app.write("a.txt", "")
    app.write("b.txt", "")
    assert arguments(app, **more) == expected


@pytest.mark.parametrize(("text", "expected"), [("--pre\nflask", ["--prerelease=allow"]), ("-i x", [])])
def test_a_requirements_file_can_ask_for_pre_releases(
    app: Application, text: str, expected: list[str]
) -> None:
    assert arguments(app, text) == expected


@pytest.mark.parametrize(
    ("name", "value", "variable", "expected"),
    [
        ("INDEX_URL", "https://example.com/a", "UV_DEFAULT_INDEX", "https://example.com/a"),
        (
            "INDEX_URL",
            "https://u:p@example.com/a",
            "UV_DEFAULT_INDEX",
            SecretStr("https://u:p@example.com/a"),
        ),
        ("EXTRA_INDEX_URL", "https://a/x  https://b/y", "UV_INDEX", "https://a/x https://b/y"),
        ("TIMEOUT", "5", "UV_HTTP_TIMEOUT", "5"),
        ("RETRIES", "2", "UV_HTTP_RETRIES", "2"),
        ("CERT", "/c.pem", "SSL_CERT_FILE", "/c.pem"),
        ("CLIENT_CERT", "/c.pem", "SSL_CLIENT_CERT", "/c.pem"),
        ("TRUSTED_HOST", "a b:1", "UV_INSECURE_HOST", "a b:1"),
        ("FIND_LINKS", "/a https://b/c", "UV_FIND_LINKS", "/a,https://b/c"),
    ],
)
def test_settings_become_variables(
    app: Application, name: str, value: str, variable: str, expected: object
) -> None:
    assert variables(app, **{f"PIP_{name}": value}) == {variable: expected}


@pytest.mark.parametrize("option", ["-i x", "-ix", "--index-url=x", "--index-url x"])
def test_an_index_that_a_requirements_file_names_takes_the_place_of_those_in_settings(
    app: Application, option: str
) -> None:
    more = {"PIP_INDEX_URL": "https://example.com/a", "PIP_EXTRA_INDEX_URL": "https://example.com/b"}
    assert variables(app, f"{option}\nflask", **more) == {}
    assert variables(app, "--extra-index-url x\nflask", **more).keys() == {"UV_DEFAULT_INDEX", "UV_INDEX"}


def test_a_path_works_in_any_directory(app: Application) -> None:
    assert variables(app, PIP_FIND_LINKS="links") == {"UV_FIND_LINKS": f"{app.path}/links"}


def test_hosts_that_requirements_files_trust_are_trusted(app: Application) -> None:
    text = "--trusted-host ${HOST}\n--trusted-host=b\nflask"
    assert variables(app, text, HOST="a", PIP_TRUSTED_HOST="c") == {"UV_INSECURE_HOST": "c a b"}


def test_variables_of_uv_do_not_reach_it(app: Application) -> None:
    assert variables(app, UV_INDEX_URL="https://example.com", UV_RESOLUTION="lowest") == {
        "UV_INDEX_URL": None,
        "UV_RESOLUTION": None,
    }


def test_what_uv_did_not_look_at_is_looked_at_afterwards(app: Application) -> None:
    [check] = install(app, PIP_NO_DEPS="1").checks
    assert check.argv == (UV, "pip", "check", "--python=/layers/venv")


def test_everything_that_uv_cannot_do_is_named_at_once(app: Application) -> None:
    app.write("pip.conf", "[global]\nproxy = http://127.0.0.1:9\ntimeout = 3\n")
    text = (
        "--prefer-binary\n--no-require-hashes --only-final=:all:\nflask --config-settings=a=b\n"
        "-e git+https://example.com/kit#egg=kit\n--pre-x # not an option of pip's at all\n"
    )
    with pytest.raises(UserError) as error:
        install(app, text, PIP_CONFIG_FILE="pip.conf", PIP_NO_BUILD_ISOLATION="1")
    assert error.value.reference == "not-for-uv"
    assert error.value.cause.splitlines() == [
        "PIP_NO_BUILD_ISOLATION sets no-build-isolation.",
        "pip.conf sets proxy.",
        "requirements.txt:3 has build options.",
        "requirements.txt:4 is an editable repository.",
        "requirements.txt:1 has --prefer-binary.",
        "requirements.txt:2 has --no-require-hashes.",
        "requirements.txt:2 has --only-final.",
    ]


@pytest.mark.parametrize(("value", "can"), [("subprocess", True), ("disabled", True), ("import", False)])
def test_uv_asks_a_keyring_only_by_its_program(app: Application, value: str, can: bool) -> None:
    if can:
        assert installs(app, value) == value
        return
    with pytest.raises(UserError) as error:
        installs(app, value)
    assert error.value.cause == "PIP_KEYRING_PROVIDER sets keyring-provider to a value that uv does not know."


def installs(app: Application, keyring: str) -> object:
    return install(app, "flask\n", PIP_KEYRING_PROVIDER=keyring).commands[0].env["UV_KEYRING_PROVIDER"]


LOCK = """
[[packages]]
name = "flask"
version = "3.1"
wheels = [{ hashes = { sha256 = "bb" } }, { hashes = { sha256 = "aa" } }]
[[packages]]
name = "acme-kit"
version = "1.0"
sdist = { hashes = { sha256 = "cc" } }
"""


def requirement(text: str, *hashes: str) -> Requirement:
    return Requirement(file="r.txt", line=1, text=text, target=Target(kind=Kind.INDEX), hashes=hashes)


def test_what_uv_resolved_is_read_as_a_sorted_set() -> None:
    closure = Closure(requirements=(requirement("flask"), requirement("${NAME}")))
    assert read_lock(LOCK, closure=closure, require_hashes=False) == (
        Resolved(name="acme-kit", version="1.0", hashes=("sha256:cc",)),
        Resolved(name="flask", version="3.1", hashes=("sha256:aa", "sha256:bb")),
    )
    assert read_lock('lock-version = "1.0"', closure=closure, require_hashes=False) == ()


def test_the_hashes_that_the_requirements_allow_are_those_that_count() -> None:
    closure = Closure(
        requirements=(
            requirement("Acme_Kit [x]==1.0", "sha256:22", "sha256:11"),
            requirement("acme.kit==1.0 ; os_name == 'x'", "sha256:33"),
            requirement("flask==3.1", "sha256:44"),
        )
    )
    assert [d.hashes for d in read_lock(LOCK, closure=closure, require_hashes=True)] == [
        ("sha256:11", "sha256:22", "sha256:33"),
        ("sha256:44",),
    ]


def test_what_has_no_hash_although_one_is_required_is_named() -> None:
    closure = Closure(requirements=(requirement("acme-kit==1.0"), requirement("flask", "sha256:44")))
    with pytest.raises(UserError) as error:
        read_lock(LOCK, closure=closure, require_hashes=True)
    assert error.value.cause == "Without a version and a hash: acme-kit, flask."


def test_what_is_required_by_its_address_is_for_pip() -> None:
    lock = LOCK.replace("sdist =", "archive =")
    with pytest.raises(UserError, match="does not report the version") as error:
        read_lock(lock, closure=Closure(), require_hashes=False)
    assert "acme-kit" in error.value.cause


def test_the_output_of_a_command_becomes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("something longer than what comes")
    command = [sys.executable, "-I", str(SCRIPT), str(file), "/bin/echo", "said"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, file.read_text()) == ("", "said\n")
