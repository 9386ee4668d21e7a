"""Every test here runs under the stand-in, and under the real lifecycle where there is one."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import SharedIndex
from tests.integration.test_package import environment as packaging_environment
from tests.integration.test_standalone_python import published
from tests.lifecycle.both import Both
from tests.lifecycle.image import remove
from tests.lifecycle.ours import OurSite
from tests.lifecycle.real import FivePhases, RealLifecycle, find_lifecycle
from tests.lifecycle.stand_in.stand_in import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lifecycle.lifecycle import Lifecycle

__all__ = ["KINDS", "REAL", "lifecycle_of", "new_place", "packaging_environment", "published", "why_not_real"]

# Now: later, the settings of the user who runs the tests are replaced.
REAL: Final = find_lifecycle()
_NO_REAL: Final = "no lifecycle found: LAYERWRIGHT_LIFECYCLE names the directory that has it"
_NO_ROOT: Final = "the real lifecycle exports as root alone"


def why_not_real() -> str:
    """Return why the real lifecycle cannot run here, nothing if it can."""
    return _NO_REAL if REAL is None else "" if os.getuid() == 0 else _NO_ROOT


KINDS: Final = ["stand-in", *([] if why_not_real() else ["real", "five-phases"])]
"""The lifecycles that there are; a test says where the real ones are missing, once for all."""


def lifecycle_of(kind: str, root: Path) -> Lifecycle:
    """Return the lifecycle of *kind* at *root*, a directory that is made."""
    root.mkdir()
    if kind == "stand-in":
        return StandIn(root)
    assert REAL is not None
    if kind == "real":
        return RealLifecycle(root, REAL)
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to build as another user")
    return FivePhases(root, REAL)


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory that every user may enter, which pytest's own are not.

    An image in a directory wants a path in lower case, which this one is as long as the temporary directory's is.
    """
    with new_place() as path:
        yield path


@contextmanager
def new_place(above: str = "") -> Iterator[Path]:
    """Make a directory like that of the fixture ``place``, in the temporary directory or in *above*."""
    # Not mkdtemp: podman takes the path for a reference, which must not have an underscore beside a slash.
    path = Path(above or tempfile.gettempdir(), f"layerwright-{os.urandom(8).hex()}").resolve()
    path.mkdir()
    path.chmod(0o755)
    try:
        yield path
    finally:
        remove(path)


@pytest.fixture(params=KINDS)
def lifecycle(request: pytest.FixtureRequest, place: Path) -> Lifecycle:
    """Return each lifecycle in turn, with an application of no file; a real one is compared to the stand-in."""
    if request.param == "stand-in":
        return lifecycle_of("stand-in", place / "site")
    real = lifecycle_of(request.param, place / "real")
    return Both(lifecycle_of("stand-in", place / "standin"), real)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=KINDS)
def _first_site(request: pytest.FixtureRequest) -> Iterator[tuple[OurSite, Callable[[], None]]]:
    """Build our buildpack's example once under each lifecycle."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with new_place() as place, SharedIndex() as index:
        index.reset()
        site = OurSite(lifecycle_of(request.param, place / "site"), index, place)
        site.furnish()
        site.first = site.build()
        yield site, site.lifecycle.keep()


@pytest.fixture
def site(_first_site: tuple[OurSite, Callable[[], None]]) -> OurSite:
    """Return a site at which our buildpack has built ``acme`` 1.0 and ``base`` 1.0 with pip."""
    site, restore = _first_site
    site.index.reset()
    restore()
    return site


@pytest.fixture
def new_site(site: OurSite) -> OurSite:
    """Return a site with no image and no cache."""
    site.lifecycle.lose_cache()
    site.lifecycle.lose_image()
    return site
