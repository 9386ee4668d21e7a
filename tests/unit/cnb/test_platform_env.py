from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwright.cnb.platform_env import platform_environment, user_environment
from layerwright.errors import SiteError
from tests.unit.cnb import lifecycle_env

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def env(tmp_path: Path) -> Path:
    directory = tmp_path / "env"
    directory.mkdir()
    return directory


def test_platform_env_keeps_the_bytes_of_a_value(tmp_path: Path, env: Path) -> None:
    values = {"PLAIN": b"1", "SPACE": b" a \r\n", "EMPTY": b"", "BINARY": b"\xff\x01", "WITH.DOT": b"=="}
    for name, value in values.items():
        (env / name).write_bytes(value)

    found = platform_environment(tmp_path)

    assert {name: os.fsencode(value) for name, value in found.items()} == values
    assert list(found) == sorted(values)


def test_platform_env_follows_symlinks_to_files_and_skips_directories(tmp_path: Path, env: Path) -> None:
    # As Kubernetes mounts a Secret.
    (env / "..1").mkdir()
    (env / "..1" / "TOKEN").write_text("secret")
    (env / "..data").symlink_to("..1")
    (env / "TOKEN").symlink_to("..data/TOKEN")

    assert platform_environment(tmp_path) == {"TOKEN": "secret"}


@pytest.mark.parametrize("platform", [".", "absent"])
def test_platform_env_without_its_directory_is_empty(tmp_path: Path, platform: str) -> None:
    assert platform_environment(tmp_path / platform) == {}


def test_platform_env_that_is_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "env").touch()

    with pytest.raises(SiteError, match=f"cannot be read from {tmp_path}/env") as caught:
        platform_environment(tmp_path)

    assert caught.value.cause == "Not a directory."


def test_an_unreadable_platform_file_is_named(tmp_path: Path, env: Path) -> None:
    (env / "A").symlink_to("absent")

    with pytest.raises(SiteError, match="/env/A") as caught:
        platform_environment(tmp_path)

    assert caught.value.cause == "No such file or directory."
    assert caught.value.reference == "platform-variable"


def test_a_platform_file_that_would_never_end_is_not_read(tmp_path: Path, env: Path) -> None:
    os.mkfifo(env / "A")

    with pytest.raises(SiteError, match="/env/A") as caught:
        platform_environment(tmp_path)

    assert caught.value.cause == "It is not a file."


def test_a_value_with_a_nul_is_named_and_not_shown(tmp_path: Path, env: Path) -> None:
    (env / "A").write_bytes(b"secret\0")

    with pytest.raises(SiteError, match="/env/A") as caught:
        platform_environment(tmp_path)

    assert "NUL" in caught.value.cause
    assert "secret" not in f"{caught.value.summary}{caught.value.cause}"


def test_a_name_that_no_variable_can_have_is_named(tmp_path: Path, env: Path) -> None:
    (env / "A=B").write_text("1")

    with pytest.raises(SiteError, match="/env/A=B") as caught:
        platform_environment(tmp_path)

    assert caught.value.cause == 'The name of a variable has no "=".'


def test_search_paths_of_the_user_go_first_and_other_variables_replace(tmp_path: Path) -> None:
    process = {"PATH": "/usr/bin", "HOME": "/root", "CPATH": "", "PYTHONPATH": "/p", "KEPT": "1"}

    assert user_environment(process, {"PATH": "/u", "HOME": "/u", "CPATH": "/u", "PYTHONPATH": "/u"}) == {
        "PATH": "/u:/usr/bin",
        "HOME": "/u",
        "CPATH": "/u",
        "PYTHONPATH": "/u",
        "KEPT": "1",
    }
    assert process["PATH"] == "/usr/bin"


def test_what_the_lifecycle_says_to_the_buildpack_outranks_a_users_variable() -> None:
    assert user_environment({"CNB_LAYERS_DIR": "/layers"}, {"CNB_LAYERS_DIR": "/u", "CNB_EXEC_ENV": "u"}) == {
        "CNB_LAYERS_DIR": "/layers",
        "CNB_EXEC_ENV": "u",
    }


names = st.sampled_from(
    ["PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH", "PYTHONPATH", "A"]
)
variables = st.dictionaries(names, st.text(alphabet="/a:\udcff", max_size=3))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(process=variables, given_by_users=variables)
def test_the_users_environment_is_the_one_that_the_lifecycle_composes(
    process: dict[str, str], given_by_users: dict[str, str]
) -> None:
    def in_bytes(env: dict[str, str]) -> dict[bytes, bytes]:
        return {os.fsencode(name): os.fsencode(value) for name, value in env.items()}

    composed = user_environment(process, given_by_users)

    assert in_bytes(composed) == lifecycle_env.with_overrides(in_bytes(process), in_bytes(given_by_users))
