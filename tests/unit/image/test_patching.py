"""The Python of a finished image is replaced only by one that the environment works with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import UserError
from layerwright.image.base.image import BaseImage
from layerwright.image.image import Layer
from layerwright.image.launch.labels import BASE_NAME, LIFECYCLE_METADATA
from layerwright.image.patching import PatchedPython, check_patch, patched, python_of
from tests.unit.image.samples import DEBIAN, WEB, base, image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layerwright.image.image import Image


@pytest.fixture
def made(tmp_path: Path) -> Image:
    return image(tmp_path, WEB, base=BaseImage(base(DEBIAN)[0], "debian:1", "sha256:1"))


def metadata(found: Image) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(found.config["Labels"][LIFECYCLE_METADATA])
    return document


def changed(found: Image, change: Callable[[dict[str, Any]], object]) -> Image:
    document = metadata(found)
    change(document)
    labels = {**found.config["Labels"], LIFECYCLE_METADATA: json.dumps(document)}
    return replace(found, config={**found.config, "Labels": labels})


def venv(document: dict[str, Any]) -> dict[str, Any]:
    layer: dict[str, Any] = document["buildpacks"][0]["layers"]["venv"]
    return layer


def python(found: Image) -> PatchedPython:
    layer = found.layers[1]
    return PatchedPython(
        Layer(
            descriptor=layer.descriptor._replace(digest="sha256:new"), diff_id="sha256:n", blobs=layer.blobs
        ),
        {"Python version": "3.13.1"},
    )


def test_the_layer_of_python_and_its_labels_change_and_nothing_else(made: Image) -> None:
    check_patch(made, "app", "3.13.1", "3571")
    new = patched(made, python(made), None)
    assert [layer.diff_id for layer in new.layers] == [
        "sha256:n" if number == 1 else layer.diff_id for number, layer in enumerate(made.layers)
    ]
    assert new.layers[1].history == made.layers[1].history
    assert python_of(new, "app") == "3.13.1"
    assert venv(metadata(new)) == venv(metadata(made))
    assert {**new.config, "Labels": ""} == {**made.config, "Labels": ""}


def test_the_base_is_replaced_below_the_layers_of_the_application(made: Image) -> None:
    other = BaseImage(base(DEBIAN, {})[0], "debian:2", "sha256:2")
    new = patched(made, python(made), other)
    assert len(new.layers) == len(made.layers) + 1
    assert new.layers[:2] == other.image.layers
    assert new.config["Labels"][BASE_NAME] == new.annotations[BASE_NAME] == "debian:2"
    assert metadata(new)["runImage"]["topLayer"] == other.image.layers[-1].diff_id


def test_an_image_without_a_base_gets_one(tmp_path: Path) -> None:
    made = image(tmp_path, WEB)
    other = BaseImage(base(DEBIAN)[0], "debian:2", "sha256:2")
    new = patched(made, PatchedPython(made.layers[0], {}), other)
    assert len(new.layers) == len(made.layers) + 1


def test_a_base_that_is_not_in_the_image_cannot_be_replaced(made: Image) -> None:
    wrong = changed(made, lambda document: document["runImage"].update(topLayer="sha256:x"))
    with pytest.raises(UserError, match="base of the image cannot be replaced"):
        patched(wrong, python(made), BaseImage(base(DEBIAN)[0]))


def refused(found: Image, version: str = "3.13.1", bytecode: str = "3571") -> str:
    with pytest.raises(UserError, match="Python of app cannot be replaced") as caught:
        check_patch(found, "app", version, bytecode)
    assert caught.value.reference == "patch-refused"
    return caught.value.cause


def test_another_minor_version_is_refused(made: Image) -> None:
    assert "It has Python 3.13.0." in refused(made, "3.14.0")


def test_what_depends_on_the_patch_release_is_refused_by_name(made: Image) -> None:
    depends = {"acme requires Python <3.13.1": "<3.13.1"}
    found = changed(
        made, lambda document: venv(document)["data"].update({"depends-on-python-patch": depends})
    )
    assert "acme requires Python <3.13.1" in refused(found)
    check_patch(found, "app", "3.13.0", "3571")


def test_another_format_of_bytecode_is_refused(made: Image) -> None:
    assert "another format of bytecode" in refused(made, bytecode="1")


def test_a_record_that_says_nothing_about_patch_releases_is_refused(made: Image) -> None:
    data = {"inputs": {"Python version": "3.13.0"}}
    found = changed(made, lambda document: venv(document).update(data=data))
    assert "its record does not say more" in refused(found)
    check_patch(changed(made, lambda document: venv(document).update(data="?")), "app", "3.13.1", "")


def test_an_image_without_our_python_is_refused(made: Image) -> None:
    with pytest.raises(UserError, match="app has no layer of Python"):
        python_of(replace(made, config={}), "app")
