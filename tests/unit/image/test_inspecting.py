"""What an image says about itself, and how two differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.image.base.image import BaseImage
from layerwright.image.inspecting import differences, inspect_image, layer_name
from layerwright.image.launch.labels import BUILD_METADATA, LIFECYCLE_METADATA
from tests.unit.image.samples import DEBIAN, WEB, WORKER, base, image

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.cnb.launch import Process
    from layerwright.image.image import Image


def based(root: Path, *processes: Process, name: str = "debian:1") -> Image:
    return image(root, *processes, base=BaseImage(base(DEBIAN)[0], name, "sha256:1"))


def test_an_image_names_its_layers_processes_distributions_and_base(tmp_path: Path) -> None:
    found = inspect_image(based(tmp_path, WEB), "sha256:2")
    assert [layer.name for layer in found.layers] == [
        "base image",
        "python",
        "venv",
        "Programs that start processes",
        "Application",
    ]
    assert found.layers[1].made_from == {"Python version": "3.13.0"}
    assert found.processes == {"web": "serve app:main --port 80"}
    assert found.distributions == {"acme-web": "1.0"}
    assert found.base == "debian:1"
    assert found.document["layers"][1]["name"] == "python"


def test_a_command_that_is_one_string_is_shown_as_it_is(tmp_path: Path) -> None:
    made = image(tmp_path)
    labels = {BUILD_METADATA: '{"processes": [{"type": "web", "command": "serve"}]}'}
    assert inspect_image(replace(made, config={"Labels": labels}), "").processes == {"web": "serve"}


@pytest.mark.parametrize("labels", [None, {LIFECYCLE_METADATA: "{"}, {LIFECYCLE_METADATA: "[]"}])
def test_an_image_without_labels_of_ours_has_its_history(tmp_path: Path, labels: Any) -> None:
    made = replace(image(tmp_path), config={"Labels": labels})
    found = inspect_image(made, "")
    # The history of a layer is that of the lifecycle.
    assert [layer.name for layer in found.layers][:2] == ["python", "venv"]
    assert found.layers[0].made_from == {}
    assert found.base == ""


def test_two_equal_images_have_no_difference(tmp_path: Path) -> None:
    one, other = (inspect_image(based(tmp_path / name, WEB), "") for name in "ab")
    assert differences(one, other) == []


def test_the_same_contents_in_another_compression_are_a_difference(tmp_path: Path) -> None:
    one = inspect_image(based(tmp_path / "a", WEB), "")
    layers = [
        layer._replace(digest="sha256:other") if layer.name == "venv" else layer for layer in one.layers
    ]
    assert differences(one, one._replace(layers=tuple(layers))) == [
        "~ layer venv: compressed differently, the same contents"
    ]


def test_each_difference_is_a_line(tmp_path: Path) -> None:
    one = inspect_image(based(tmp_path / "a", WEB), "")
    other = inspect_image(image(tmp_path / "b", WORKER), "")
    other = other._replace(distributions={"acme-web": "2.0", "six": "1"})
    layers = [layer._replace(made_from={"Python version": "3.13.1"}) for layer in other.layers]
    assert differences(one, other._replace(layers=tuple(layers)))[:8] == [
        "base: debian:1 → none",
        "~ layer Programs that start processes",
        "- layer base image",
        "~ layer python: Python version 3.13.0 → 3.13.1",
        "+ layer venv: Python version 3.13.1",
        "+ layer Programs that start processes: Python version 3.13.1",
        "+ layer Application: Python version 3.13.1",
        "- process web serve app:main --port 80",
    ]
    longer = one._replace(layers=(*one.layers, one.layers[0]._replace(name="new")))
    assert differences(one, longer) == ["+ layer new"]
    assert differences(one, other)[-2:] == ["~ acme-web 1.0 → 2.0", "+ six 1"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("", "base image"),
        ("/bin/sh -c #(nop) ADD file:0f1e2d in / ", "base image"),
        ("ADD file:0f1e2d in /", "base image"),
        ("RUN apt-get install --yes libpq5", "RUN apt-get install --yes libpq5"),
        ("Layer: 'venv', Created by buildpack: layerwright/python@1", "venv"),
    ],
)
def test_a_layer_is_called_by_its_name_else_by_what_created_it(tmp_path: Path, words: str, name: str) -> None:
    layer = image(tmp_path).layers[0]
    assert layer_name(replace(layer, history={"created_by": words})) == name
