"""An index for failures, and the tools that fail: each is installed once for all its tests."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.loopback.index import PackageIndex
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.failures.failing import RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def module_index() -> Iterator[PackageIndex]:
    """Serve for all tests of a module."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex(page_max_age=0) as index:
        index.add_directory(wheelhouse())
        index.add(*RELEASES)
        yield index


@pytest.fixture
def index(module_index: PackageIndex) -> Iterator[PackageIndex]:
    """Serve without faults, and what there is at first."""
    yield module_index
    module_index.clear()
    module_index.add_directory(wheelhouse())
    module_index.add(*RELEASES)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a directory for the tool of a module."""
    path = tmp_path_factory.mktemp("failures")
    yield path
    shutil.rmtree(path)
