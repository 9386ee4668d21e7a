"""Every failure of PDM that is understood, provoked with the real PDM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_pdm
from layerwright.plugins.declarative.read import read_package_manager
from layerwright.testing.distributions import wheel
from tests.fixtures.network import nothing_listens, refusing_proxy, untrusted_server
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse
from tests.integration.failures.failing import (
    GREEDY,
    NEEDS_HEADER,
    Failing,
    for_python,
    full_disk,
    greedy,
    needs_header,
)

if TYPE_CHECKING:
    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration

PROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.9,<3.99"
dependencies = ["{}"]
"""


@pytest.fixture(scope="module")
def _pdm(place: Path, module_index: PackageIndex) -> Failing:
    if not is_complete(tool_wheelhouse("pdm"), TOOL_LOCKS["pdm"]):
        pytest.skip("PDM's wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    module_index.add_directory(tool_wheelhouse("pdm"))
    manager = read_package_manager(Path(layerwright_pdm.__file__).with_name("package-manager.toml"))
    return Failing(manager, place, module_index, PDM_PYPI_URL=module_index.url)


@pytest.fixture
def pdm(_pdm: Failing, index: PackageIndex) -> Failing:
    """Return PDM, and an application that has ``base`` locked."""
    lock(_pdm, "base")
    return _pdm


def lock(pdm: Failing, name: str) -> None:
    pdm.lock("pdm.lock", {"pyproject.toml": PROJECT.format(name)})


def test_a_stale_lock_file_is_told(pdm: Failing) -> None:
    pdm.app.write("pyproject.toml", PROJECT.format("acme"))
    error = pdm.failure()
    assert (error.summary, error.reference) == ("pdm.lock does not match pyproject.toml.", "stale-lock-file")
    assert error.remedy[0].startswith("Run `pdm lock")


def test_a_version_that_is_gone_is_told(pdm: Failing, index: PackageIndex) -> None:
    index.remove("base", "2.0")
    error = pdm.failure()
    assert (error.summary, error.reference) == (
        "The package index has no archive of base that pdm.lock allows.",
        "no-such-version",
    )


def test_a_release_for_other_pythons_is_told(pdm: Failing, index: PackageIndex) -> None:
    index.add(for_python(">=3.99", wheel("base", "2.0")))
    error = pdm.failure()
    assert (error.summary, error.reference) == (
        "base 2.0 does not support this Python.",
        "not-for-this-python",
    )
    assert error.cause.startswith("It requires Python >=3.99.\n")
    assert error.remedy[0].startswith("Build with another Python")


def test_a_lock_file_for_other_pythons_is_told(pdm: Failing) -> None:
    pdm.app.write("pyproject.toml", PROJECT.format("base").replace(",<3.99", ""))
    pdm.run("lock", "--python", ">=3.99")
    error = pdm.failure()
    assert (error.summary, error.reference) == (
        f"pdm.lock is not for Python {pdm.interpreter.version} on this machine.",
        "not-for-this-python",
    )
    assert error.cause.startswith("It was locked for these targets alone: (>=3.99)\n")
    assert error.remedy[0].startswith("Build with a Python that is among them")
    assert f"pdm lock --append --python '=={pdm.interpreter.version}'" in error.remedy[1]


def test_an_archive_that_was_replaced_is_told(pdm: Failing, index: PackageIndex) -> None:
    index.add(wheel("base", "2.0", files={"base/more.py": ""}))
    error = pdm.failure()
    assert error.reference == "no-such-version"
    assert "has it with other hashes" in error.cause


def test_a_damaged_download_is_told_with_both_hashes(pdm: Failing, index: PackageIndex) -> None:
    index.corrupt("/files/base-2.0*.whl")
    error = pdm.failure()
    assert error.reference == "hash-mismatch"
    assert "base-2.0-py3-none-any.whl" in error.summary
    assert "Expected(sha256)" in error.cause


@pytest.mark.parametrize(
    ("pattern", "status", "told"),
    [
        ("/simple/*", 401, ("index-login", 1)),
        ("/simple/*", 403, ("index-forbidden", 1)),
        ("/files/*", 404, ("archive-not-found", 1)),
        ("/simple/*", 429, ("index-busy", 75)),
        ("/simple/*", 503, ("index-failing", 75)),
    ],
)
def test_what_the_index_answers_is_told(
    pdm: Failing, index: PackageIndex, pattern: str, status: int, told: tuple[str, int]
) -> None:
    index.fail(pattern, status=status)
    assert pdm.told() == told


def test_a_download_that_breaks_off_may_succeed_later(pdm: Failing, index: PackageIndex) -> None:
    index.cut("/files/base*.whl", after_bytes=5)
    assert pdm.told() == ("index-unreachable", 75)


# The tool tries again, and waits longer each time.
@pytest.mark.long
def test_an_index_that_does_not_listen_may_do_so_later(pdm: Failing) -> None:
    assert pdm.told(PDM_PYPI_URL=f"{nothing_listens()}/simple/") == ("index-unreachable", 75)


@pytest.mark.long
def test_a_certificate_that_nothing_trusts_is_told(pdm: Failing, tmp_path: Path) -> None:
    with untrusted_server(tmp_path) as url:
        assert pdm.told(PDM_PYPI_URL=f"{url}/simple/") == ("index-certificate", 1)


def test_a_proxy_that_asks_for_a_login_is_told(pdm: Failing) -> None:
    with refusing_proxy() as url:
        told = pdm.told(PDM_PYPI_URL="https://index.example.com/simple/", https_proxy=url)
    assert told == ("proxy-login", 1)


def test_an_index_without_tls_is_not_used(pdm: Failing) -> None:
    assert pdm.told(PDM_PYPI_URL="http://index.example.com/simple/") == ("index-not-secure", 1)


def test_a_header_that_is_missing_is_told_with_the_package_that_has_it(
    pdm: Failing, index: PackageIndex
) -> None:
    index.add(needs_header("mysql.h"))
    lock(pdm, NEEDS_HEADER)
    error = pdm.failure()
    assert (error.summary, error.reference) == ("The header mysql.h is missing.", "missing-header")
    assert "apt-get install default-libmysqlclient-dev" in error.remedy[0]


def test_a_compiler_that_is_missing_is_told(pdm: Failing, index: PackageIndex) -> None:
    index.add(needs_header("mysql.h"))
    lock(pdm, NEEDS_HEADER)
    error = pdm.failure(PATH="/nowhere")
    assert (error.summary, error.reference) == ("The program gcc is missing.", "missing-program")
    assert "apt-get install build-essential" in error.remedy[0]


@pytest.mark.long
def test_a_full_disk_is_told(pdm: Failing) -> None:
    with full_disk(pdm.site_packages):
        assert pdm.told() == ("disk-full", 1)


# PDM says nowhere that the process of a build was killed: only the kernel's count tells that.
@pytest.mark.long
@pytest.mark.parametrize("way", ["allocates", "has its tool killed"])
def test_a_build_that_runs_out_of_memory_is_told(pdm: Failing, index: PackageIndex, way: str) -> None:
    index.add(greedy())
    lock(pdm, GREEDY)
    assert pdm.told(GREEDY=way) == ("out-of-memory", 1)
