"""The environment's content: what determines it, and the command that makes it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from layerwright import EnvironmentInstall, Locked, UserError
from layerwright_uv.configuration import SHARED
from layerwright_uv.environment import environment
from layerwright_uv.manager import UvSettings
from tests.unit.sameness import archives_of, locked_in, unproved, update_of
from tests.unit.uv.requests import environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

PYTHON = "/layers/python/bin/python3.13"
HASH = 'sdist = { url = "https://example.com/acme.tar.gz", hash = "sha256:aa" }\n'


def package(name: str, kind: str, source: str, more: str = "") -> str:
    return f'[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ {kind} = "{source}" }}\n{more}\n'


def install(
    app: Application, *packages: str, settings: UvSettings | None = None, exec_env: str = "production"
) -> EnvironmentInstall:
    app.write("uv.lock", f"version = 1\n\n{''.join(packages)}")
    app.write("pyproject.toml", "")
    return environment(environment_request(app, settings=settings, exec_env=exec_env))


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def words(found: EnvironmentInstall) -> str:
    [command] = found.commands
    return command.words


def test_the_lock_file_is_synced_into_the_venv_and_nothing_is_downloaded_twice(app: Application) -> None:
    found = install(app, package("acme", "registry", "https://example.com/simple", HASH))
    [command] = found.commands
    assert command.argv == (
        "/layers/tool-uv/bin/uv",
        "sync",
        "--locked",
        "--no-default-groups",
        f"--python={PYTHON}",
        "--no-compile-bytecode",
        "--no-progress",
    )
    assert command.env == {
        "UV_CACHE_DIR": "/layers/cache-uv",
        "UV_COMPILE_BYTECODE": None,
        "UV_FROZEN": None,
        "UV_LINK_MODE": "hardlink",
        "UV_LOCKED": None,
        "UV_NO_CACHE": "0",
        "UV_NO_SYNC": None,
        "UV_PROJECT_ENVIRONMENT": "/layers/venv",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PYTHON_PREFERENCE": "only-system",
        "VIRTUAL_ENV": "/layers/venv",
    }
    assert command.cwd == app.path
    assert words(found) == "uv sync --locked --no-default-groups"
    assert update_of(found) is not None
    assert not found.keeps_cache
    assert found.shares == SHARED


def test_archives_are_distinguished_by_their_hashes_and_by_the_settings_that_build_them(
    app: Application,
) -> None:
    entries = [
        package("acme", "registry", "https://example.com/simple", HASH),
        package("shop", "virtual", "."),
    ]
    before = archives_of(install(app, *entries))
    assert list(before) == ["acme==1.0", "shop==1.0"]
    assert archives_of(install(app, *entries)) == before

    rebuilt = archives_of(install(app, entries[0].replace("aa", "bb"), entries[1]))
    assert {key for key in before if rebuilt[key] != before[key]} == {"acme==1.0"}

    app.write("pyproject.toml", "[tool.uv]\nno-binary = true\n")
    built = archives_of(environment(environment_request(app)))
    assert all(built[key] != rebuilt[key] for key in before)


def test_the_archives_of_the_lock_file_are_known_with_their_hashes(app: Application) -> None:
    entry = package("acme", "registry", "https://example.com/simple", HASH)
    [archive] = locked_in(install(app, entry))
    assert (archive.name, archive.version, bool(archive.filename)) == ("acme", "1.0", True)


def test_the_archives_of_a_pylock_file_are_known(app: Application) -> None:
    digest = 64 * "a"
    wheel = f'{{ name = "acme-1.0-py3-none-any.whl", hashes = {{ sha256 = "{digest}" }} }}'
    app.write("pylock.toml", f'lock-version = "1.0"\n[[packages]]\nname = "acme"\nwheels = [{wheel}]\n')
    [archive] = locked_in(environment(environment_request(app)))
    assert archive.hashes == (f"sha256:{digest}",)


def test_one_version_from_two_places_counts_as_one(app: Application) -> None:
    entries = [package("acme", "registry", f"https://example.com/{name}", HASH) for name in "ab"]
    assert list(archives_of(install(app, *entries))) == ["acme==1.0"]


def test_a_virtual_project_depends_on_its_pyproject_file_alone(app: Application) -> None:
    found = install(app, package("shop", "virtual", "."))
    app.write("main.py", "print()\n")
    assert found.inputs == {
        "uv.lock": digest((app.path / "uv.lock").read_text()),
        "pyproject.toml": digest(""),
    }
    assert install(app, package("shop", "virtual", ".")).inputs == found.inputs


def test_local_directories_and_archives_count(app: Application) -> None:
    app.write("libs/kit/pyproject.toml", "")
    app.write("kit.whl", "wheel")
    packages = (
        package("kit", "directory", "libs/kit"),
        package("boxed", "path", "kit.whl"),
        package("shop", "editable", ".", 'dependencies = [{ name = "kit" }, { name = "boxed" }]'),
    )
    before = install(app, *packages)
    app.write("libs/kit/new.py", "")
    after = install(app, *packages)

    changed = {name for name, value in after.inputs.items() if before.inputs[name] != value}
    assert changed == {"kit in libs/kit", "shop in ."}
    assert after.inputs["boxed in kit.whl"] == digest("wheel")
    assert after.inputs["libs/kit/pyproject.toml"] == digest("")
    again = {key for key, value in archives_of(after).items() if archives_of(before)[key] != value}
    assert again == {"kit==1.0", "shop==1.0"}


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        (UvSettings(groups=("a", "b")), "--group=a --group=b"),
        (UvSettings(extras=("x",)), "--extra=x"),
        (UvSettings(package="api"), "--package=api"),
        (UvSettings(editable=False), "--no-editable"),
    ],
)
def test_the_configuration_chooses_what_is_installed(
    app: Application, settings: UvSettings, arguments: str
) -> None:
    found = install(app, settings=settings)
    assert words(found) == f"uv sync --locked --no-default-groups {arguments}"


@pytest.mark.parametrize(
    ("exec_env", "groups"), [("production", "--group=a"), ("test", "--group=a --group=t")]
)
def test_the_test_groups_are_for_the_execution_environment_test(
    app: Application, exec_env: str, groups: str
) -> None:
    settings = UvSettings(groups=("a",), test_groups=("t",))
    found = install(app, settings=settings, exec_env=exec_env)
    assert words(found) == f"uv sync --locked --no-default-groups {groups}"


def test_where_an_index_offers_no_hashes_nothing_is_proved(app: Application) -> None:
    packages = [package(name, "registry", "https://example.com/simple") for name in ("acme", "base")]
    pinned = package("kit", "git", "https://example.com/kit#0123")
    found = install(app, *packages, pinned)
    assert unproved(found) == "uv.lock has no hash for acme, base"
    # Nothing would say whether the index has another archive by now.
    assert found.shares is None


def test_what_cannot_be_read_makes_a_fresh_environment(app: Application) -> None:
    found = install(app, "[[package]]\nname='acme'\n")
    assert unproved(found) == "uv.lock is not in the form that uv writes"


def test_a_pylock_file_is_synced_with_hashes_alone(app: Application) -> None:
    app.write("pylock.toml", "")
    found = environment(environment_request(app))
    [command] = found.commands
    assert command.argv == (
        "/layers/tool-uv/bin/uv",
        "pip",
        "sync",
        "--require-hashes",
        "pylock.toml",
        "--python=/layers/venv",
        "--no-compile-bytecode",
        "--no-progress",
    )
    assert words(found) == "uv pip sync --require-hashes pylock.toml"
    assert found.inputs["pylock.toml"] == digest("")
    assert (found.sameness, found.keeps_cache, found.shares) == (Locked(), False, SHARED)


def test_of_a_pylock_file_nothing_is_chosen(app: Application) -> None:
    app.write("pylock.toml", "")
    settings = UvSettings(groups=("a",), editable=False)
    with pytest.raises(UserError) as raised:
        environment(environment_request(app, settings=settings))
    assert raised.value.cause == "The settings for that are groups, editable; they need a uv.lock."


def test_without_a_lock_file_there_is_nothing_to_install(app: Application) -> None:
    with pytest.raises(UserError) as raised:
        environment(environment_request(app))
    assert raised.value.reference == "missing-uv-lock"
    assert raised.value.remedy[0] == "Run `uv lock`, and commit uv.lock."
    assert raised.value.remedy[1].endswith("layerwright use pip")


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml"])
def test_a_link_to_another_file_is_no_lock_file_and_uv_does_not_get_to_print_it(
    app: Application, name: str
) -> None:
    (app.path.parent / "shadow").write_text("hunter2 = 1\n")
    (app.path / name).symlink_to("../shadow")
    with pytest.raises(UserError) as raised:
        environment(environment_request(app))
    assert raised.value.reference == "outside-lock-file"


def test_a_frozen_lock_file_is_installed_as_it_is_with_a_warning(app: Application) -> None:
    found = install(app, settings=UvSettings(frozen=True))
    assert words(found) == "uv sync --frozen --no-default-groups"
    update = update_of(found)
    assert update is not None
    assert update.diagnosis == ()
    [warning] = found.warnings
    assert warning.startswith("uv.lock is installed without checking that it matches pyproject.toml")
    assert install(app).warnings == ()
