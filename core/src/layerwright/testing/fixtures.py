"""A pytest plugin with the fixtures of this package: ``pytest_plugins = ["layerwright.testing.fixtures"]``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.applications import Application
from layerwright.testing.interpreters import fake_interpreter
from layerwright.testing.layers import Layers
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.pythons.interpreter import Interpreter

__all__ = ["application", "interpreter", "layers", "package_index", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    """Register the kit's marker."""
    config.addinivalue_line("markers", "real: builds with a real package manager, from a wheelhouse")


@pytest.fixture(scope="session", autouse=True)
def _shared_pythons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make a Python layer once for all sandboxes of the session."""
    base = tmp_path_factory.getbasetemp()
    # Below the directory of a worker of pytest-xdist the others would not find it.
    Sandbox.pythons = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pythons"
    yield
    Sandbox.pythons = None


@pytest.fixture
def application(tmp_path: Path) -> Application:
    """Return an empty application directory."""
    path = tmp_path / "application"
    path.mkdir()
    return Application(path)


@pytest.fixture
def package_index() -> Iterator[PackageIndex]:
    """Serve an empty package index."""
    with PackageIndex() as index:
        yield index


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    """Return an empty layers directory."""
    path = tmp_path / "layers"
    path.mkdir()
    return Layers(path)


@pytest.fixture
def interpreter(tmp_path: Path) -> Interpreter:
    """Return an interpreter that exists and does nothing."""
    return fake_interpreter(tmp_path / "python")
