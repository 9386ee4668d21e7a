"""Every failure of uv that is understood, provoked with the real uv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import wheel
from layerwright_uv.manager import Uv
from tests.fixtures.network import nothing_listens, refusing_proxy, untrusted_server
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse
from tests.integration.failures.failing import GREEDY, Failing, full_disk, greedy, needs_header

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration

PROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["{}"]
"""


@pytest.fixture(scope="module")
def _uv(place: Path, module_index: PackageIndex) -> Failing:
    if not is_complete(tool_wheelhouse("uv"), TOOL_LOCKS["uv"]):
        pytest.skip("uv's wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    module_index.add_directory(tool_wheelhouse("uv"))
    # uv tries three times again, and waits before each.
    env = {"UV_DEFAULT_INDEX": module_index.url, "UV_HTTP_RETRIES": "0"}
    return Failing(Uv(), place, module_index, **env)


@pytest.fixture
def uv(_uv: Failing, index: PackageIndex) -> Failing:
    """Return uv, and an application that has ``acme`` locked."""
    lock(_uv, "acme")
    return _uv


def lock(uv: Failing, requirement: str) -> None:
    uv.app.write("pyproject.toml", PROJECT.format(requirement))
    uv.run("lock", "--refresh", f"--python={uv.interpreter.executable}")


def test_a_stale_lock_file_is_told(uv: Failing) -> None:
    uv.app.write("pyproject.toml", PROJECT.format("base==1.2"))
    error = uv.failure()
    assert (error.summary, error.reference) == ("uv.lock does not match pyproject.toml.", "stale-lock-file")
    assert error.remedy[0] == "Run `uv lock`, commit uv.lock, and build again."


def test_an_archive_that_was_replaced_is_told_with_both_hashes(uv: Failing, index: PackageIndex) -> None:
    index.add(wheel("acme", "1.0", requires=["base>=1"], files={"acme/more.py": ""}))
    error = uv.failure()
    assert (error.summary, error.reference) == (
        "An archive of acme==1.0 is not the one that was locked.",
        "hash-mismatch",
    )
    assert "Expected:" in error.cause
    assert "Computed:" in error.cause


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, ("index-login", 1)),
        (403, ("index-forbidden", 1)),
        (404, ("archive-not-found", 1)),
        (429, ("index-busy", 75)),
        (500, ("index-failing", 75)),
        (503, ("index-failing", 75)),
    ],
)
def test_what_the_index_answers_is_told(
    uv: Failing, index: PackageIndex, status: int, told: tuple[str, int]
) -> None:
    index.fail("/files/*", status=status)
    assert uv.told() == told


def test_a_download_that_breaks_off_may_succeed_later(uv: Failing, index: PackageIndex) -> None:
    index.cut("/files/acme*.whl", after_bytes=5)
    assert uv.told() == ("index-unreachable", 75)


def test_an_index_that_does_not_listen_may_do_so_later(uv: Failing) -> None:
    assert uv.told(http_proxy=nothing_listens()) == ("index-unreachable", 75)


def test_a_certificate_that_nothing_trusts_is_told(uv: Failing, tmp_path: Path) -> None:
    with untrusted_server(tmp_path) as url:
        assert uv.told(UV_DEFAULT_INDEX=f"{url}/simple/") == ("index-certificate", 1)


def test_a_proxy_that_asks_for_a_login_is_told(uv: Failing) -> None:
    with refusing_proxy() as url:
        assert uv.told(http_proxy=url) == ("proxy-login", 1)


def test_a_version_of_python_that_the_application_excludes_is_told(uv: Failing) -> None:
    uv.app.write("pyproject.toml", PROJECT.format("acme").replace(">=3.9", ">=3.99"))
    assert uv.told()[0] == "not-for-this-python"


def test_an_archive_for_other_machines_alone_is_told(uv: Failing, index: PackageIndex) -> None:
    artifact = wheel("foreign", "1.0")
    name = "foreign-1.0-cp39-cp39-win_amd64.whl"
    index.add(type(artifact)(name, artifact.data, artifact.metadata))
    lock(uv, "foreign")
    error = uv.failure()
    assert (error.summary, error.reference) == (
        "No archive of foreign==1.0 fits this Python and this machine.",
        "not-for-this-python",
    )


def test_a_build_that_lacks_something_is_told_with_the_package_that_has_it(
    uv: Failing, index: PackageIndex
) -> None:
    index.add(needs_header("mysql.h"))
    lock(uv, "header")
    error = uv.failure()
    assert (error.summary, error.reference) == ("The header mysql.h is missing.", "missing-header")
    assert "apt-get install default-libmysqlclient-dev" in error.remedy[0]
    assert uv.told(PATH="/nowhere") == ("missing-program", 1)
    error = uv.failure(CC="false")
    assert (error.summary, error.reference) == (
        "header could not be built from source.",
        "distribution-not-built",
    )


def test_a_full_disk_is_told(uv: Failing) -> None:
    with full_disk(uv.site_packages):
        assert uv.told() == ("disk-full", 1)


@pytest.mark.parametrize("way", ["allocates", "is killed", "has its tool killed"])
def test_a_build_that_runs_out_of_memory_is_told(uv: Failing, index: PackageIndex, way: str) -> None:
    index.add(greedy())
    lock(uv, GREEDY)
    assert uv.told(GREEDY=way) == ("out-of-memory", 1)
