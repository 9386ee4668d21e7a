"""The archive of a layer is read, whatever compressed it; a damaged one is an error that says which it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import SiteError
from layerwright.image.blobs import Bytes
from layerwright.image.descriptor import LAYER, Descriptor
from layerwright.image.image import Layer
from layerwright.image.layers.compression import Compression, compressed
from layerwright.image.layers.reading import open_layer
from tests.unit.image.samples import DEBIAN, base

if TYPE_CHECKING:
    from collections.abc import Callable


def archive() -> bytes:
    made, contents = base(DEBIAN, compressed=False)
    return contents.known[made.layers[0].descriptor.digest]


def layer(stored: bytes, suffix: str) -> Layer:
    return Layer(descriptor=Descriptor.of(LAYER + suffix, stored), diff_id="", blobs=Bytes(stored))


def stored_as(suffix: str) -> bytes:
    return compressed(archive(), Compression(suffix.removeprefix("+"))) if suffix else archive()


def names(of: Layer) -> list[str]:
    with open_layer(of) as members:
        return [member.name for member in members]


SUFFIXES = ("", *(each.suffix for each in Compression))
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "nothing is left": lambda _: b"",
    "its end is missing": lambda content: content[: len(content) // 2],
    "bytes in it are others": lambda content: content[:60] + b"\xff" * 40 + content[100:],
    "it is something else": lambda content: b"<html>" * len(content),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_members_are_there_in_their_order(suffix: str) -> None:
    assert names(layer(stored_as(suffix), suffix)) == list(DEBIAN)


# Python takes an archive whose last header is cut for a complete one.
@pytest.mark.parametrize(
    ("suffix", "damage"),
    [(suffix, name) for suffix in SUFFIXES for name in DAMAGE if suffix or name != "its end is missing"],
)
def test_a_damaged_one_is_named(suffix: str, damage: str) -> None:
    damaged = layer(DAMAGE[damage](stored_as(suffix)), suffix)
    with pytest.raises(SiteError, match=r"The image is damaged\.") as caught:
        names(damaged)
    assert caught.value.reference == "damaged-image"
    assert f"The layer {damaged.descriptor.digest} cannot be read: " in caught.value.cause


def test_damage_is_found_without_zstd_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SiteError, match=r"The image is damaged\."):
        names(layer(b"", "+gzip"))


def test_what_is_wrong_with_something_else_is_not_taken_for_damage() -> None:
    with pytest.raises(PermissionError), open_layer(layer(archive(), "")):
        raise PermissionError
