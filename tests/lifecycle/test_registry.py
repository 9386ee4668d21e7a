"""Our buildpack with a registry in place of a directory: images, the cache, and the buildpack itself are there."""

from __future__ import annotations

import io
import re
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import SharedIndex
from tests.integration.test_package import image as image_in
from tests.integration.test_package import package
from tests.lifecycle.conftest import REAL, new_place, why_not_real
from tests.lifecycle.ours import ID, Log, OurSite
from tests.lifecycle.registry import Registry, RegistryLifecycle, why_no_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lifecycle.image import Image

WHY_NOT = why_not_real() or why_no_registry()

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]

CACHED = dict.fromkeys(("bytecode", "cache-pip", "python", "tool-pip", "venv"), "kept")
EXPORTED = {"absent-tools", "python", "venv"}


class RegistrySite(OurSite):
    """An application whose images are in a registry."""

    lifecycle: RegistryLifecycle
    restore: Callable[[], None]

    @property
    def registry(self) -> Registry:
        return self.lifecycle.registry


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with new_place() as root, Registry.served(root) as registry:
        yield registry


@pytest.fixture(scope="module")
def first(registry: Registry) -> Iterator[RegistrySite]:
    """Build once, to the repository ``app``."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    assert REAL is not None
    with new_place() as place, SharedIndex() as index:
        index.reset()
        site = RegistrySite(RegistryLifecycle(place / "site", REAL, registry), index, place)
        site.furnish()
        site.first = site.build()
        site.restore = site.lifecycle.keep()
        yield site


@pytest.fixture
def site(first: RegistrySite) -> RegistrySite:
    """Return a site as it was after the first build."""
    first.lifecycle.repository, first.lifecycle.cache_repository = "app", ""
    first.restore()
    return first


def kept(image: Image) -> dict[str, str]:
    """Return what became of each layer but that of one file, which no cache has."""
    return {name: action for name, action in sorted(Log.of(image).layers.items()) if name != "absent-tools"}


def exported(image: Image, action: str) -> set[str]:
    """Return our layers of which the lifecycle says that it *action* them."""
    return set(re.findall(rf"^{action} layer '{ID}:(.*)'$", image.log, re.MULTILINE))


def test_an_image_in_a_registry_is_launched_as_it_was_built(site: RegistrySite) -> None:
    assert site.registry.digest("app") == site.first.digest
    assert exported(site.first, "Adding") == EXPORTED
    assert site.seen(site.first)["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_a_rebuild_takes_every_layer_from_the_image_before(site: RegistrySite) -> None:
    image = site.build()
    assert kept(image) == CACHED
    assert exported(image, "Reusing") == EXPORTED
    assert image.digest == site.first.digest


def test_an_application_that_changed_pushes_no_layer_of_ours(site: RegistrySite) -> None:
    before = site.registry.blobs("app")
    site.app.write("more.py", "pass\n")
    image = site.build()
    assert image.layers(ID) == site.first.layers(ID)
    assert exported(image, "Reusing") == EXPORTED
    pushed = site.registry.blobs("app") - before
    [layer] = [blob for blob in image.blobs if f"sha256:{blob.path.name}" in pushed]
    assert layer.created_by == "Application Layer"
    assert len(pushed) == 2  # the other is the image's configuration


def test_the_cache_can_be_in_the_registry(site: RegistrySite) -> None:
    site.lifecycle.lose_cache()
    site.lifecycle.cache_repository = "cache"
    image = site.build()
    assert set(kept(image).values()) == {"created"}
    image = site.build()
    assert kept(image) == CACHED
    assert image.digest == site.first.digest
    assert list(site.lifecycle.cache.iterdir()) == []


def test_two_builds_from_nothing_push_the_same_image(site: RegistrySite) -> None:
    site.lifecycle.lose_cache()
    site.lifecycle.repository = "another"
    image = site.build()
    assert set(kept(image).values()) == {"created"}
    assert exported(image, "Adding") == EXPORTED
    assert site.registry.digest("another") == site.registry.digest("app")
    assert site.registry.blobs("another") == site.registry.blobs("app")


def test_the_buildpack_pushed_to_a_registry_and_pulled_is_the_same_and_builds_the_same(
    site: RegistrySite, packaging_environment: dict[str, str], tmp_path: Path
) -> None:
    said = package(tmp_path, "--output", "python.cnb", env=packaging_environment)
    site.registry.push(f"oci-archive:{tmp_path}/python.cnb", "buildpacks/python")
    assert f"  {site.registry.digest('buildpacks/python')}" in said.splitlines()

    site.registry.pull("buildpacks/python", f"oci-archive:{tmp_path}/pulled.cnb")
    _, layer = image_in(tmp_path / "pulled.cnb")
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        archive.extractall(site.place, filter="tar")
    [pulled] = site.place.glob("cnb/buildpacks/layerwright_python/*")
    site.lifecycle.lose_cache()
    site.lifecycle.repository = "packaged"
    image = site.build(pulled)
    assert set(kept(image).values()) == {"created"}
    assert image.layers(ID) == site.first.layers(ID)
