"""Every failure of pip that is understood, provoked with the real pip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import wheel
from layerwright_pip.manager import Pip
from tests.fixtures.network import nothing_listens, refusing_proxy, untrusted_server
from tests.integration.failures.failing import (
    GREEDY,
    NEEDS_LIBRARY,
    Failing,
    full_disk,
    greedy,
    needs_header,
    needs_library,
)

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def _pip(place: Path, module_index: PackageIndex) -> Failing:
    return Failing(Pip(), place, module_index)


@pytest.fixture
def pip(_pip: Failing, index: PackageIndex) -> Failing:
    """Return pip, and an application that requires ``acme``."""
    _pip.app.write("requirements.txt", "acme\n")
    return _pip


@pytest.mark.parametrize(
    ("requirements", "reference", "summary", "cause"),
    [
        (
            "flsk",
            "no-such-distribution",
            "There is no distribution flsk.",
            "The package index does not have it.",
        ),
        ("base==1.9", "no-such-version", "There is no base==1.9.", "can use is 1.2.\n"),
        ("base==2.7", "no-such-version", "There is no base==2.7.", "can use is 2.0.\n"),
        ("base==9", "no-such-version", "There is no base==9.", "can use is 2.0.\n"),
        (
            "newpy",
            "not-for-this-python",
            "newpy 1.0 does not support this Python.",
            "It requires Python >=3.99.\n",
        ),
        (
            "newpy==1.0",
            "not-for-this-python",
            "newpy 1.0 does not support this Python.",
            "It requires Python >=3.99.\n",
        ),
        (
            "left\nright",
            "requirements-conflict",
            "Two requirements cannot both be met.",
            "left 1.0 depends on base<2\nright 1.0 depends on base>=2\n",
        ),
        ("acme==1.0 --hash=sha256:" + "0" * 64, "hash-mismatch", "acme==1.0", "Expected sha256 000"),
    ],
)
def test_requirements_that_cannot_be_met_say_what_is_wrong_with_them(
    pip: Failing, requirements: str, reference: str, summary: str, cause: str
) -> None:
    pip.app.write("requirements.txt", f"{requirements}\n")
    error = pip.failure()
    assert (error.reference, error.exit_status) == (reference, 1)
    assert summary in error.summary
    assert cause in error.cause


@pytest.mark.parametrize(
    ("pattern", "status", "told"),
    [
        ("/simple/*", 401, ("index-login", 1)),
        ("/simple/*", 403, ("index-forbidden", 1)),
        ("/simple/*", 429, ("index-busy", 75)),
        ("/simple/*", 500, ("index-failing", 75)),
        ("/files/*", 401, ("index-login", 1)),
        ("/files/*", 403, ("index-forbidden", 1)),
        ("/files/*", 503, ("index-failing", 75)),
    ],
)
def test_what_the_index_answers_is_told_for_pages_and_for_archives(
    pip: Failing, index: PackageIndex, pattern: str, status: int, told: tuple[str, int]
) -> None:
    index.fail(pattern, status=status)
    assert pip.told() == told


def test_an_archive_that_is_gone_is_told(pip: Failing, index: PackageIndex) -> None:
    index.fail("/files/*", status=404)
    assert pip.told() == ("archive-not-found", 1)


def test_a_download_that_breaks_off_may_succeed_later(pip: Failing, index: PackageIndex) -> None:
    index.cut("/files/acme*.whl", after_bytes=5)
    assert pip.told() == ("index-unreachable", 75)


def test_an_index_that_does_not_listen_may_do_so_later(pip: Failing) -> None:
    assert pip.told(PIP_INDEX_URL=f"{nothing_listens()}/simple/") == ("index-unreachable", 75)


def test_an_index_without_tls_is_not_used(pip: Failing) -> None:
    assert pip.told(PIP_INDEX_URL="http://index.example.com/simple/") == ("index-not-secure", 1)


def test_a_certificate_that_nothing_trusts_is_told(pip: Failing, tmp_path: Path) -> None:
    with untrusted_server(tmp_path) as url:
        told = pip.told(PIP_INDEX_URL=f"{url}/simple/", PIP_TRUSTED_HOST="example.com")
    assert told == ("index-certificate", 1)


def test_a_proxy_that_asks_for_a_login_is_told(pip: Failing) -> None:
    with refusing_proxy() as url:
        told = pip.told(PIP_INDEX_URL="https://index.example.com/simple/", https_proxy=url)
    assert told == ("proxy-login", 1)


def test_a_header_that_is_missing_is_told_with_the_package_that_has_it(
    pip: Failing, index: PackageIndex
) -> None:
    index.add(needs_header("mysql.h"))
    pip.app.write("requirements.txt", "header\n")
    error = pip.failure()
    assert (error.summary, error.reference) == ("The header mysql.h is missing.", "missing-header")
    assert "apt-get install default-libmysqlclient-dev" in error.remedy[0]


def test_a_library_that_is_missing_is_told_with_the_package_that_has_it(
    pip: Failing, index: PackageIndex
) -> None:
    index.add(needs_library("mysqlclient"))
    pip.app.write("requirements.txt", f"{NEEDS_LIBRARY}\n")
    error = pip.failure()
    assert (error.summary, error.reference) == ("The library mysqlclient is missing.", "missing-library")
    assert "cannot find -lmysqlclient" in error.cause
    assert "apt-get install default-libmysqlclient-dev" in error.remedy[0]


def test_a_compiler_that_is_missing_is_told(pip: Failing, index: PackageIndex) -> None:
    index.add(needs_header("stdio.h"))
    pip.app.write("requirements.txt", "header\n")
    error = pip.failure(PATH="/nowhere")
    assert error.reference == "missing-program"
    assert "apt-get install build-essential" in error.remedy[0]


def test_a_source_that_does_not_build_for_another_reason_is_named(pip: Failing, index: PackageIndex) -> None:
    index.add(needs_header("stdio.h"))
    pip.app.write("requirements.txt", "header\n")
    error = pip.failure(CFLAGS="--no-such-option", CC="false")
    assert (error.summary, error.reference) == (
        "header could not be built from source.",
        "distribution-not-built",
    )


def test_an_archive_for_other_machines_alone_is_told(pip: Failing, index: PackageIndex) -> None:
    artifact = wheel("foreign", "1.0")
    name = "foreign-1.0-cp39-cp39-win_amd64.whl"
    index.add(type(artifact)(name, artifact.data, artifact.metadata))
    pip.app.write("requirements.txt", "foreign\n")
    assert pip.told() == ("not-for-this-python", 1)


def test_a_full_disk_is_told(pip: Failing) -> None:
    with full_disk(pip.site_packages):
        assert pip.told() == ("disk-full", 1)


@pytest.mark.parametrize("way", ["allocates", "is killed", "has its tool killed"])
def test_a_build_that_runs_out_of_memory_is_told(pip: Failing, index: PackageIndex, way: str) -> None:
    index.add(greedy())
    pip.app.write("requirements.txt", f"{GREEDY}\n")
    assert pip.told(GREEDY=way) == ("out-of-memory", 1)
