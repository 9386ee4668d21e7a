from __future__ import annotations

import os
from typing import TYPE_CHECKING

from layerwright.local.places import default_layers
from layerwright.local.use import record_use, recorded_application

if TYPE_CHECKING:
    from pathlib import Path


def test_the_application_of_layers_in_the_cache_is_recorded_with_its_last_use(tmp_path: Path) -> None:
    app, cache = tmp_path / "app", tmp_path / "cache"
    layers = default_layers(app, cache)

    record_use(layers, app, cache)

    known = recorded_application(layers.parent)
    assert known is not None
    assert known[0] == app
    os.utime(layers.parent / "application", (0, 0))
    record_use(layers, app, cache)
    again = recorded_application(layers.parent)
    assert again is not None
    assert again[1] >= known[1]


def test_nothing_is_recorded_beside_layers_elsewhere(tmp_path: Path) -> None:
    record_use(tmp_path / "there" / "layers", tmp_path / "app", tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []
    assert recorded_application(tmp_path) is None


def test_a_cache_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "apps").touch()
    record_use(tmp_path / "apps" / "app-1" / "layers", tmp_path / "app", tmp_path)
