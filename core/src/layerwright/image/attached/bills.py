"""The bills of materials of an image: as documents to attach, and as they are read from an image."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom.component import Bom
from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.merging import components_in, read_bom
from layerwright.build.bom.spdx import spdx
from layerwright.errors import SiteError
from layerwright.image.attached.artifact import CYCLONEDX, SPDX, Document
from layerwright.image.inspecting import label
from layerwright.image.launch.labels import LIFECYCLE_METADATA
from layerwright.image.layers.reading import open_layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.image.attached.find import Attachment, Found
    from layerwright.image.image import Image

__all__ = ["FORMATS", "attached_bill", "bill_of", "bills"]

FORMATS: Final = {"cyclonedx": CYCLONEDX, "spdx": SPDX}
"""The media type of each format."""
_LARGEST: Final = 64 << 20
# Platform API, "Layer Metadata": the documents of the launch layers are one layer of the image.
_IN_LAYER: Final = re.compile(r"(?:.*/)?sbom/launch/([^/]+(?:/[^/]+)?)/sbom\.(cdx|spdx)\.json")


def bills(bom: Bom) -> tuple[Document, ...]:
    """Return *bom* in every format. Equal ones are equal documents."""
    return (
        Document(media_type=CYCLONEDX, content=cyclonedx(bom), title="sbom.cdx.json"),
        Document(media_type=SPDX, content=spdx(bom), title="sbom.spdx.json"),
    )


def attached_bill(found: Found, form: str) -> bytes | None:
    """Return the bill of materials in the format *form* that is attached to an image; ``None``: there is none.

    Of several, it is the last that the list has.
    """
    documents = _attached(found, FORMATS[form])
    return documents[-1].read().content if documents else None


def bill_of(found: Found, name: str) -> Bom | None:
    """Return the bill of materials of the image *name*; ``None``: there is none.

    It is what is attached to it, else the documents of its layers that a lifecycle has put into it, under that name.
    ``SiteError``: a document, or the layer that has them, is damaged.
    """
    attached = [*_attached(found, CYCLONEDX)[-1:], *_attached(found, SPDX)[-1:]]
    try:
        if attached:
            bom = read_bom(attached[0].read().content)
            return bom if bom.name else replace(bom, name=name)
        documents = dict(_in_layers(found.image.image))
        if not documents:
            return None
        return Bom(
            name=name,
            components=tuple(
                one
                for place, content in sorted(documents.items())
                for one in components_in(content, layer=place.rpartition("/")[2])
            ),
        )
    except (OSError, ValueError) as error:
        raise SiteError(
            f"The bill of materials of {name} cannot be read.",
            cause=f"It is damaged: {error}.",
            remedy="Build the image again.",
            reference="damaged-attachment",
        ) from error


def _attached(found: Found, media_type: str) -> list[Attachment]:
    return [each for each in found.attached if each.media_type == media_type]


def _in_layers(image: Image) -> Iterator[tuple[str, bytes]]:
    """Yield each buildpack, and each layer (``BUILDPACK/LAYER``), with its document: in CycloneDX, if there is one."""
    described: Any = label(image, LIFECYCLE_METADATA).get("sbom")
    sha = described.get("sha") if isinstance(described, dict) else None
    wanted = [layer for layer in image.layers if layer.diff_id == sha]
    for layer in wanted:
        found: dict[tuple[str, str], bytes] = {}
        with open_layer(layer) as archive:
            for member in archive:
                named = _IN_LAYER.fullmatch(member.name)
                file = archive.extractfile(member) if named and member.isfile() else None
                if named is not None and file is not None and member.size <= _LARGEST:
                    found[named[1], named[2]] = file.read()
        # Last, so that it replaces the other.
        for (name, _), text in sorted(found.items(), key=lambda item: item[0][1], reverse=True):
            yield name, text
