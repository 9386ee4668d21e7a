"""The bill of materials of an image: attached to it, or in it, as a lifecycle exports it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.bom.component import Bom, Component
from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.spdx import spdx
from layerwright.errors import SiteError
from layerwright.image.attached.artifact import CYCLONEDX, SPDX, Document
from layerwright.image.attached.bills import attached_bill, bill_of, bills
from layerwright.image.attached.find import Attachment, Found
from layerwright.image.base.image import BaseImage
from tests.unit.image.samples import base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.image.image import Image


def bom(*names: str) -> Bom:
    return Bom(name="app", components=tuple(Component(name=name, version="1") for name in names))


def attachment(media_type: str, content: bytes) -> Attachment:
    return Attachment.of(
        {"artifactType": media_type, "digest": "sha256:1"},
        lambda: Document(media_type=media_type, content=content, title=""),
    )


def exported(files: Mapping[str, bytes], described: Any = None) -> Image:
    """Return an image with *files* in the layer that its label names, or one with another label."""
    made, _ = base({"bin/sh": b""}, dict(files))
    metadata = {"sbom": {"sha": made.layers[1].diff_id} if described is None else described}
    return replace(made, config={"Labels": {"io.buildpacks.lifecycle.metadata": json.dumps(metadata)}})


def found(image: Image, *attached: Attachment) -> Found:
    return Found(BaseImage(image), attached)


def names(bill: Bom | None) -> list[tuple[str, str]]:
    assert bill is not None
    return [(one.name, one.notes.get("layerwright:layer", "")) for one in bill.components]


def test_the_documents_to_attach_have_the_same_contents_in_both_formats() -> None:
    first, second = bills(bom("flask"))
    assert (first.media_type, first.title) == (CYCLONEDX, "sbom.cdx.json")
    assert (second.media_type, second.title) == (SPDX, "sbom.spdx.json")
    assert [each.content for each in bills(bom("flask"))] == [first.content, second.content]
    assert json.loads(first.content)["components"][0]["name"] == "flask"
    assert {each["name"] for each in json.loads(second.content)["packages"]} == {"app", "flask"}


def test_of_several_attached_ones_the_last_counts() -> None:
    image = found(
        exported({}), attachment(CYCLONEDX, b"1"), attachment(SPDX, b"2"), attachment(CYCLONEDX, b"3")
    )
    assert attached_bill(image, "cyclonedx") == b"3"
    assert attached_bill(image, "spdx") == b"2"
    assert attached_bill(found(exported({})), "spdx") is None


@pytest.mark.parametrize("attached", [(CYCLONEDX, cyclonedx(bom("flask"))), (SPDX, spdx(bom("flask")))])
def test_an_attached_one_counts_before_those_in_the_layers(attached: tuple[str, bytes]) -> None:
    image = exported({"layers/sbom/launch/acme/venv/sbom.cdx.json": cyclonedx(bom("django"))})
    assert names(bill_of(found(image, attachment(*attached)), "app")) == [("flask", "")]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (cyclonedx(Bom(name="shop", version="2")), ("shop", "2")),
        (spdx(Bom(name="shop", version="2")), ("shop", "")),
        (b'{"bomFormat": "CycloneDX"}', ("app:1", "")),
        (b'{"bomFormat": "CycloneDX", "metadata": {"component": []}}', ("app:1", "")),
    ],
)
def test_its_subject_is_that_of_the_document_else_the_image(
    document: bytes, expected: tuple[str, str]
) -> None:
    bill = bill_of(found(exported({}), attachment(CYCLONEDX, document)), "app:1")
    assert bill is not None
    assert (bill.name, bill.version) == expected


def test_those_of_all_buildpacks_and_layers_are_one() -> None:
    image = exported(
        {
            "layers/sbom/launch/acme_python/venv/sbom.cdx.json": cyclonedx(bom("flask")),
            "layers/sbom/launch/acme_python/venv/sbom.spdx.json": spdx(bom("other")),
            "layers/sbom/launch/acme_node/venv/sbom.spdx.json": spdx(bom("left-pad")),
            "layers/sbom/launch/acme_node/sbom.cdx.json": cyclonedx(bom("node")),
            "layers/sbom/launch/acme_node/venv/sbom.syft.json": b"{}",
        }
    )
    assert names(bill_of(found(image), "app")) == [
        ("node", "acme_node"),
        ("left-pad", "venv"),
        ("flask", "venv"),
    ]


@pytest.mark.parametrize("described", [None, {}, {"sha": "sha256:0"}, "text"])
def test_an_image_without_any_has_none(described: Any) -> None:
    assert bill_of(found(exported({}, described)), "app") is None
    assert bill_of(found(base({})[0]), "app") is None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"spdxVersion": "SPDX-2.3"}']
)
def test_a_damaged_one_is_an_error(content: bytes) -> None:
    images = [
        found(exported({"layers/sbom/launch/acme/venv/sbom.cdx.json": content})),
        found(exported({}), attachment(CYCLONEDX, content)),
    ]
    for each in images:
        with pytest.raises(SiteError, match=r"The bill of materials of app:1 cannot be read\.") as caught:
            bill_of(each, "app:1")
        assert caught.value.reference == "damaged-attachment"
