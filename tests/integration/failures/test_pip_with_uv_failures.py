"""The main failures of ``installer = "uv"``, provoked with the real ``uv pip``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright_pip.manager import Pip, PipSettings
from layerwright_uv.manager import Uv
from tests.fixtures.network import nothing_listens
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse
from tests.integration.failures.failing import RELEASES, Failing

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration

_BASE = next(release for release in RELEASES if release.filename.startswith("base-2.0-"))


@pytest.fixture(scope="module")
def _pip(place: Path, module_index: PackageIndex) -> Failing:
    if not is_complete(tool_wheelhouse("uv"), TOOL_LOCKS["uv"]):
        pytest.skip("uv's wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    module_index.add_directory(tool_wheelhouse("uv"))
    # uv tries three times again, and waits before each.
    settings = PipSettings(installer="uv")
    return Failing(Pip(), place, module_index, installer=Uv(), settings=settings, UV_HTTP_RETRIES="0")


@pytest.fixture
def pip(_pip: Failing, index: PackageIndex) -> Failing:
    """Return pip with uv in its place, and an application that requires ``acme``."""
    _pip.app.write("requirements.txt", "acme\n")
    return _pip


@pytest.mark.parametrize(
    ("requirements", "reference", "summary", "cause", "remedy"),
    [
        (
            "flsk",
            "no-such-distribution",
            "There is no distribution flsk.",
            "The package index does not have it.",
            "Correct the name in the requirements.",
        ),
        (
            "base==9",
            "no-such-version",
            "There is no base==9.",
            "The package index has other versions of it.",
            "Correct the version in the requirements.",
        ),
        (
            "newpy",
            "not-for-this-python",
            "newpy==1.0 does not support this Python.",
            "It requires Python >=3.99.",
            "Choose a version that supports this Python.",
        ),
        (
            "left\nright",
            "requirements-conflict",
            "Two requirements cannot both be met.",
            "all versions of right depend on base>=2\nall versions of left depend on base<2\n",
            "Loosen or remove the version of one of them in the requirements.",
        ),
        (
            "acme\nbase<1.1\nbase>=1.2",
            "requirements-conflict",
            "Two requirements cannot both be met.",
            "base<1.1\nbase>=1.2\n",
            "Loosen or remove the version of one of them in the requirements.",
        ),
        (
            "left\nbase>=2",
            "requirements-conflict",
            "Two requirements cannot both be met.",
            "all versions of left depend on base<2\nyou require base>=2\n",
            "Loosen or remove the version of one of them in the requirements.",
        ),
        (
            f"acme==1.0 --hash=sha256:{64 * '0'}",
            "requirement-without-hash",
            "base is not locked with a hash.",
            "Other requirements have hashes, so every distribution needs one.",
            "Lock again, with everything: `uv pip compile --generate-hashes`, or"
            " `pip-compile --generate-hashes --allow-unsafe`.",
        ),
        (
            f"base --hash=sha256:{64 * '0'}",
            "requirement-without-hash",
            "base is not locked with a hash.",
            "Other requirements have hashes, so every distribution needs one.",
            "Lock again, with everything: `uv pip compile --generate-hashes`, or"
            " `pip-compile --generate-hashes --allow-unsafe`.",
        ),
        (
            f"base==2.0 --hash=sha256:{64 * '0'}\nacme",
            "requirement-without-hash",
            "acme is not locked with a hash.",
            "Other requirements have hashes, so every distribution needs one.",
            "Lock again, with everything: `uv pip compile --generate-hashes`, or"
            " `pip-compile --generate-hashes --allow-unsafe`.",
        ),
        (
            # If two archives were wrong, uv would name the one that arrived first.
            f"acme==1.0 --hash=sha256:{64 * '0'}\nbase==2.0 --hash=sha256:{_BASE.sha256}",
            "hash-mismatch",
            "An archive of acme==1.0 is not the one that was locked.",
            "Expected:",
            "Find out who changed the archive, and whether it can be trusted.",
        ),
    ],
)
def test_requirements_that_cannot_be_met_say_what_is_wrong_with_them(
    pip: Failing, requirements: str, reference: str, summary: str, cause: str, remedy: str
) -> None:
    pip.app.write("requirements.txt", f"{requirements}\n")
    error = pip.failure()
    assert (error.reference, error.exit_status, error.summary) == (reference, 1, summary)
    assert cause in error.cause
    assert error.remedy[0] == remedy


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
    pip: Failing, index: PackageIndex, pattern: str, status: int, told: tuple[str, int]
) -> None:
    index.fail(pattern, status=status)
    assert pip.told() == told


def test_a_login_that_the_index_asks_for_is_told_with_where_to_give_it(
    pip: Failing, index: PackageIndex
) -> None:
    index.fail("/simple/*", status=401)
    error = pip.failure()
    assert error.summary == "The package index asks for a user name and a password."
    assert error.remedy == ("Correct the credentials: PIP_INDEX_URL, or index-url in pip.conf.",)


def test_an_index_that_does_not_listen_may_do_so_later(pip: Failing) -> None:
    error = pip.failure(PIP_INDEX_URL=f"{nothing_listens()}/simple/")
    assert (error.summary, error.reference, error.exit_status) == (
        "The package index could not be reached.",
        "index-unreachable",
        75,
    )
    assert error.remedy[0] == "Check that this machine has a network, and build again."
