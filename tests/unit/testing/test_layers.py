from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import LayerEnv
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes

if TYPE_CHECKING:
    from layerwright.testing import Layers


def test_a_layer_comes_back_with_its_contents_and_without_types(layers: Layers) -> None:
    path = layers.restore("tool-acme", {"bin/acme": "run\n"}, metadata={"schema": "1", "inputs": {"a": "b"}})

    restored = LayersDirectory(layers.path).restored("tool-acme")
    assert (path / "bin" / "acme").read_text() == "run\n"
    assert (restored.contents, restored.types) == (True, None)
    assert restored.metadata == {"schema": "1", "inputs": {"a": "b"}}


def test_the_local_platform_leaves_the_types_there(layers: Layers) -> None:
    layers.restore("venv", {}, types=["launch", "cache"])

    restored = LayersDirectory(layers.path).restored("venv")
    assert restored.types == LayerTypes(build=False, launch=True, cache=True)


def test_a_layer_of_the_image_alone_has_only_metadata(layers: Layers) -> None:
    layers.restore("venv", None, metadata={"schema": "1"})

    restored = LayersDirectory(layers.path).restored("venv")
    assert (restored.contents, restored.metadata) == (False, {"schema": "1"})


def test_a_layer_can_have_environment_files(layers: Layers) -> None:
    path = layers.restore("tool-acme", {}, env=LayerEnv().append("ACME", "1"))

    assert (path / "env" / "ACME.append").read_text() == "1"
    assert (path / "env" / "ACME.delim").read_text() == ":"


def test_metadata_that_no_layer_can_have_is_refused(layers: Layers) -> None:
    with pytest.raises(TypeError, match="metadata is strings"):
        layers.restore("venv", {}, metadata={"size": 1})
