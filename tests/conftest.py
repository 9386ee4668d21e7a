"""What every test may ask for, and what none of them sees."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from layerwright.process.redaction import KNOWN
from layerwright.testing.applications import Application
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import is_personal
from tests.fixtures.wheelhouse import is_complete, wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["layerwright.testing.fixtures"]

# Other processes may take the processor for any time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_NOBODY = 65534
UNIT = Path(__file__).with_name("unit")

# A shell starts its background jobs with Ctrl-C ignored, and nohup its program with SIGHUP ignored; children inherit
# that. The tests that interrupt a build must mean the same there. (POSIX Shell, 2.11 "Signals and Error Handling")
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _nobodys_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Keep the settings, the home directory and the caches of the user who runs the tests out of them."""
    if request.node.get_closest_marker("network"):
        # Where the outside index is, and how it is reached, only their settings can tell.
        yield
        return
    # Not the monkeypatch fixture: a test that undoes its own changes would undo these.
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(is_personal, list(os.environ)):
            patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1,localhost")
        yield


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests() -> Iterator[None]:
    """Forget what another test taught this process to hide."""
    KNOWN.forget()
    yield
    KNOWN.forget()


@pytest.fixture(autouse=True)
def _measured_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """Measure the processes of unit tests and of those that ask for it.

    The others start hundreds that run the same lines, and to measure those takes a tenth of all the time.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not (UNIT in request.path.parents or request.node.get_closest_marker("measured")):
            for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
                patch.delenv(name)
        yield


@pytest.fixture
def app(tmp_path: Path) -> Application:
    """Return an empty application directory."""
    path = tmp_path / "app"
    path.mkdir()
    return Application(path)


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    """Serve an empty package index."""
    with PackageIndex() as index:
        yield index


@pytest.fixture(scope="session")
def wheelhouse_index() -> Iterator[PackageIndex]:
    """Serve the wheelhouse: share it, so neither add to it nor make it fail."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        index.add_directory(wheelhouse())
        yield index


@pytest.fixture
def as_an_ordinary_user() -> Iterator[Path]:
    """Give a directory of a user to whom permissions matter, and be that user."""
    directory = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(directory, _NOBODY, _NOBODY)
        os.seteuid(_NOBODY)
    yield directory
    if is_root:
        os.seteuid(0)
    for path in [directory, *directory.rglob("*")]:
        path.chmod(0o700)
    shutil.rmtree(directory)
