"""Sites to build at: one with nothing built, and one with a complete build to start from."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import SharedIndex, Site, link_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _shared_index() -> Iterator[SharedIndex]:
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with SharedIndex() as index:
        yield index


@pytest.fixture(scope="session")
def _template(_shared_index: SharedIndex, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Path]:
    """Build once for all tests: what a layer holds is bound to its path, so every test gets it back there."""
    _shared_index.reset()
    root = tmp_path_factory.mktemp("site")
    site, kept = Site(root / "here", _shared_index), root / "kept"
    site.furnish()
    site.build()
    link_tree(site.root, kept)
    return site, kept


@pytest.fixture
def index(_shared_index: SharedIndex) -> Iterator[SharedIndex]:
    """Serve pip, ``acme`` 1.0 and ``base`` 1.0."""
    _shared_index.reset()
    yield _shared_index
    _shared_index.reset()


@pytest.fixture
def site(_template: tuple[Site, Path], index: SharedIndex) -> Site:
    """Return a site whose application is built: it has ``acme`` 1.0 and ``base`` 1.0."""
    site, kept = _template
    link_tree(kept, site.root)
    for file in filter(lambda path: path.is_file(), list(site.app.path.iterdir())):
        # A test writes into these, and the template has the same ones.
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content)
    return Site(site.root, index)


@pytest.fixture
def new_site(index: SharedIndex, tmp_path: Path) -> Iterator[Site]:
    """Return a site where nothing is built yet."""
    site = Site(tmp_path / "site", index)
    site.furnish()
    yield site
    shutil.rmtree(site.root)
