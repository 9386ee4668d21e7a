"""Every failure of Pipenv that is understood, provoked with the real Pipenv."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import wheel
from layerwright_pipenv.manager import Pipenv
from tests.fixtures.network import nothing_listens, refusing_proxy, untrusted_server
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse
from tests.integration.failures.failing import GREEDY, Failing, full_disk, greedy, needs_header

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration

PIPFILE = """\
[[source]]
url = "${{INDEX}}"
verify_ssl = true
name = "loopback"

[packages]
{} = "*"
"""


@pytest.fixture(scope="module")
def _pipenv(place: Path, module_index: PackageIndex) -> Failing:
    if not is_complete(tool_wheelhouse("pipenv"), TOOL_LOCKS["pipenv"]):
        pytest.skip("Pipenv's wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    module_index.add_directory(tool_wheelhouse("pipenv"))
    return Failing(Pipenv(), place, module_index, INDEX=module_index.url)


@pytest.fixture
def pipenv(_pipenv: Failing, index: PackageIndex) -> Failing:
    """Return Pipenv, and an application that has ``base`` locked."""
    lock(_pipenv, "base")
    return _pipenv


def lock(pipenv: Failing, name: str) -> None:
    pipenv.lock("Pipfile.lock", {"Pipfile": PIPFILE.format(name)})


def test_a_stale_lock_file_is_told(pipenv: Failing) -> None:
    pipenv.app.write("Pipfile", PIPFILE.format("acme"))
    error = pipenv.failure()
    assert (error.summary, error.reference) == ("Pipfile.lock does not match the Pipfile.", "stale-lock-file")
    assert error.remedy[0] == "Run `pipenv lock`, and commit Pipfile.lock."


def test_a_distribution_that_is_gone_is_told(pipenv: Failing, index: PackageIndex) -> None:
    index.add(wheel("flsk", "1.0"))
    lock(pipenv, "flsk")
    index.remove("flsk", "1.0")
    error = pipenv.failure()
    assert (error.summary, error.reference) == ("There is no distribution flsk.", "no-such-distribution")


def test_a_version_that_is_gone_is_told_with_the_nearest(pipenv: Failing, index: PackageIndex) -> None:
    index.remove("base", "2.0")
    error = pipenv.failure()
    assert (error.summary, error.reference) == ("There is no base==2.0.", "no-such-version")
    assert "can use is 1.2." in error.cause


def test_a_version_for_other_pythons_is_told(pipenv: Failing, index: PackageIndex) -> None:
    index.add(wheel("base", "2.0", python=">=3.99"))
    error = pipenv.failure()
    assert error.summary == "base 2.0 does not support this Python."


def test_an_archive_that_was_replaced_is_told_with_its_hash(pipenv: Failing, index: PackageIndex) -> None:
    index.add(wheel("base", "2.0", files={"base/more.py": ""}))
    error = pipenv.failure()
    assert error.reference == "hash-mismatch"
    assert "base==2.0" in error.summary
    # Pipenv wraps lines after 80 columns, within words as well.
    assert re.search(r"\bGot\s+[0-9a-f]{40}", error.cause)


@pytest.mark.parametrize(
    ("pattern", "status", "told"),
    [
        ("/simple/*", 401, ("index-login", 1)),
        ("/files/*", 403, ("index-forbidden", 1)),
        ("/files/*", 404, ("archive-not-found", 1)),
        ("/simple/*", 429, ("index-busy", 75)),
        ("/simple/*", 503, ("index-failing", 75)),
    ],
)
def test_what_the_index_answers_is_told(
    pipenv: Failing, index: PackageIndex, pattern: str, status: int, told: tuple[str, int]
) -> None:
    index.fail(pattern, status=status)
    assert pipenv.told() == told


def test_an_index_that_does_not_listen_may_do_so_later(pipenv: Failing) -> None:
    assert pipenv.told(INDEX=f"{nothing_listens()}/simple/") == ("index-unreachable", 75)


def test_a_certificate_that_nothing_trusts_is_told(pipenv: Failing, tmp_path: Path) -> None:
    with untrusted_server(tmp_path) as url:
        told = pipenv.told(INDEX=f"{url}/simple/", PIP_TRUSTED_HOST="example.com")
    assert told == ("index-certificate", 1)


def test_a_proxy_that_asks_for_a_login_is_told(pipenv: Failing) -> None:
    with refusing_proxy() as url:
        told = pipenv.told(INDEX="https://index.example.com/simple/", https_proxy=url)
    assert told == ("proxy-login", 1)


def test_a_header_that_is_missing_is_told_with_the_package_that_has_it(
    pipenv: Failing, index: PackageIndex
) -> None:
    index.add(needs_header("mysql.h"))
    lock(pipenv, "header")
    error = pipenv.failure()
    assert (error.summary, error.reference) == ("The header mysql.h is missing.", "missing-header")
    assert "apt-get install default-libmysqlclient-dev" in error.remedy[0]


def test_a_compiler_that_is_missing_is_told(pipenv: Failing, index: PackageIndex) -> None:
    index.add(needs_header("mysql.h"))
    lock(pipenv, "header")
    error = pipenv.failure(PATH="/nowhere")
    assert (error.summary, error.reference) == ("The program gcc is missing.", "missing-program")
    assert "apt-get install build-essential" in error.remedy[0]


@pytest.mark.long
def test_a_full_disk_is_told(pipenv: Failing) -> None:
    with full_disk(pipenv.site_packages):
        assert pipenv.told() == ("disk-full", 1)


@pytest.mark.long
@pytest.mark.parametrize("way", ["allocates", "is killed", "has its tool killed"])
def test_a_build_that_runs_out_of_memory_is_told(pipenv: Failing, index: PackageIndex, way: str) -> None:
    index.add(greedy())
    lock(pipenv, GREEDY)
    assert pipenv.told(GREEDY=way) == ("out-of-memory", 1)
