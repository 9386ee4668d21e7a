from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cnb.layer import LayerTypes
from layerwright.layers.download_cache import contribute_cache, describe_cache
from tests.unit.layers.samples import Acme, Site

if TYPE_CHECKING:
    from pathlib import Path


def test_downloads_are_for_the_next_build_and_in_no_image(tmp_path: Path) -> None:
    spec = describe_cache(Acme())
    assert spec.name == "cache-acme"
    assert spec.types == LayerTypes(cache=True)


def test_downloads_stay_from_build_to_build(tmp_path: Path) -> None:
    site, spec = Site(tmp_path), describe_cache(Acme())
    contribute_cache(site.contributor(), spec)
    (site.layers.layer_path("cache-acme") / "wheel").touch()
    contributor = site.contributor()
    contribute_cache(contributor, spec)
    assert [c.decision.action.value for c in contributor.contributions] == ["kept"]
    assert (site.layers.layer_path("cache-acme") / "wheel").exists()
