"""Every failure of Poetry that is understood, provoked with the real Poetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import wheel
from layerwright_poetry.manager import Poetry
from tests.fixtures.network import nothing_listens, refusing_proxy, untrusted_server
from tests.fixtures.poetry import Locked, lock_text
from tests.fixtures.wheelhouse import tool_wheelhouse
from tests.integration.failures.failing import RELEASES, Failing, full_disk, greedy, needs_header
from tests.integration.poetry_site import poetry_is_there

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.distributions import Artifact
    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration

PROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = "{python}"
dependencies = ["{name}"]

[[tool.poetry.source]]
name = "loopback"
url = "{url}"
priority = "primary"

[tool.poetry]
package-mode = false
"""


@pytest.fixture(scope="module")
def _poetry(place: Path, module_index: PackageIndex) -> Failing:
    if not poetry_is_there():
        pytest.skip("Poetry's wheels are not there: run python -m tests.fixtures.wheelhouse")
    module_index.add_directory(tool_wheelhouse("poetry"))
    return Failing(Poetry(), place, module_index)


@pytest.fixture
def poetry(_poetry: Failing, index: PackageIndex) -> Failing:
    """Return Poetry, and an application that has ``base`` 1.0 locked."""
    lock(_poetry, RELEASES[1])
    return _poetry


def lock(poetry: Failing, artifact: Artifact, *, url: str = "", python: str = ">=3.9,<4.0") -> None:
    url = url or poetry.index.url
    project = PROJECT.format(name=artifact.name, url=url, python=python)
    poetry.app.write("pyproject.toml", project)
    locked = Locked(name=artifact.name, version=artifact.version, artifact=artifact, index=url)
    poetry.app.write("poetry.lock", lock_text(project, [locked]))


def test_a_stale_lock_file_is_told(poetry: Failing) -> None:
    poetry.app.write("pyproject.toml", PROJECT.format(name="acme", url=poetry.index.url, python=">=3.9,<4.0"))
    error = poetry.failure()
    assert (error.summary, error.reference) == (
        "poetry.lock does not match pyproject.toml.",
        "stale-lock-file",
    )
    assert error.remedy[0] == "Run `poetry lock`, and commit poetry.lock."


def test_a_version_that_is_gone_is_told(poetry: Failing) -> None:
    lock(poetry, wheel("base", "9.0"))
    error = poetry.failure()
    assert (error.summary, error.reference) == (
        "The package index has no base 9.0 that can be installed here.",
        "no-such-version",
    )


def test_an_archive_that_was_replaced_is_told(poetry: Failing, index: PackageIndex) -> None:
    index.add(wheel("base", "1.0", files={"base/more.py": ""}))
    assert poetry.told() == ("hash-mismatch", 1)


def test_a_damaged_download_is_told(poetry: Failing, index: PackageIndex) -> None:
    index.corrupt("/files/base-1.0*.whl")
    error = poetry.failure()
    assert error.reference == "hash-mismatch"
    assert "base (1.0)" in error.summary


@pytest.mark.parametrize(
    ("pattern", "status", "told"),
    [
        ("/simple/*", 401, ("index-login", 1)),
        ("/files/*", 401, ("index-login", 1)),
        ("/files/*", 403, ("index-forbidden", 1)),
        ("/files/*", 404, ("archive-not-found", 1)),
        pytest.param("/files/*", 500, ("index-failing", 75), marks=pytest.mark.long),
    ],
)
def test_what_the_index_answers_is_told(
    poetry: Failing, index: PackageIndex, pattern: str, status: int, told: tuple[str, int]
) -> None:
    index.fail(pattern, status=status)
    assert poetry.told() == told


# Poetry tries again, and waits longer each time.
@pytest.mark.long
def test_an_index_that_is_busy_may_answer_later(poetry: Failing, index: PackageIndex) -> None:
    index.fail("/files/*", status=429)
    error = poetry.failure()
    assert (error.summary, error.reference, error.exit_status) == (
        "The package index allows no more requests for now.",
        "index-busy",
        75,
    )
    assert error.remedy[0] == "Build again in a few minutes."
    assert "[[tool.poetry.source]]" in error.remedy[1]


def test_a_download_that_breaks_off_may_succeed_later(poetry: Failing, index: PackageIndex) -> None:
    index.cut("/files/base*.whl", after_bytes=5)
    assert poetry.told() == ("index-unreachable", 75)


# The tool tries again, and waits longer each time.
@pytest.mark.long
def test_an_index_that_does_not_listen_may_do_so_later(poetry: Failing) -> None:
    lock(poetry, RELEASES[1], url=f"{nothing_listens()}/simple/")
    assert poetry.told() == ("index-unreachable", 75)


@pytest.mark.long
def test_a_certificate_that_nothing_trusts_is_told(poetry: Failing, tmp_path: Path) -> None:
    with untrusted_server(tmp_path) as url:
        lock(poetry, RELEASES[1], url=f"{url}/simple/")
        assert poetry.told() == ("index-certificate", 1)


def test_a_proxy_that_asks_for_a_login_is_told(poetry: Failing) -> None:
    with refusing_proxy() as url:
        assert poetry.told(http_proxy=url) == ("proxy-login", 1)


def test_a_version_of_python_that_the_application_excludes_is_told(poetry: Failing) -> None:
    lock(poetry, RELEASES[1], python=">=3.99,<4.0")
    error = poetry.failure()
    assert error.reference == "not-for-this-python"
    assert "requires Python >=3.99,<4.0." in error.cause


def test_a_build_that_lacks_something_is_told_with_the_package_that_has_it(
    poetry: Failing, index: PackageIndex
) -> None:
    source = needs_header("mysql.h")
    index.add(source)
    lock(poetry, source)
    error = poetry.failure()
    assert (error.summary, error.reference) == ("The header mysql.h is missing.", "missing-header")
    assert "apt-get install default-libmysqlclient-dev" in error.remedy[0]
    assert poetry.told(PATH="/nowhere") == ("missing-program", 1)
    error = poetry.failure(CC="false")
    assert (error.summary, error.reference) == (
        "header could not be built from source.",
        "distribution-not-built",
    )


@pytest.mark.long
def test_a_full_disk_is_told(poetry: Failing) -> None:
    with full_disk(poetry.site_packages):
        assert poetry.told() == ("disk-full", 1)


@pytest.mark.long
@pytest.mark.parametrize("way", ["allocates", "is killed", "has its tool killed"])
def test_a_build_that_runs_out_of_memory_is_told(poetry: Failing, index: PackageIndex, way: str) -> None:
    source = greedy()
    index.add(source)
    lock(poetry, source)
    assert poetry.told(GREEDY=way) == ("out-of-memory", 1)
