"""The bills of materials of an image, as documents to attach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.spdx import spdx
from layerwright.image.attached.artifact import CYCLONEDX, SPDX, Document

if TYPE_CHECKING:
    from layerwright.build.bom.component import Bom

__all__ = ["bills"]


def bills(bom: Bom) -> tuple[Document, ...]:
    """Return *bom* in every format. Equal ones are equal documents."""
    return (
        Document(media_type=CYCLONEDX, content=cyclonedx(bom), title="sbom.cdx.json"),
        Document(media_type=SPDX, content=spdx(bom), title="sbom.spdx.json"),
    )
