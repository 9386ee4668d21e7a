"""What is the same in every document: its time and its identifier."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CREATED", "NAMESPACE", "identifier", "text_of"]

CREATED: Final = "1980-01-01T00:00:01Z"
"""The time of every document, which is that of the files in an image: equal contents have equal documents."""
NAMESPACE: Final = "https://layerwright.example.com/spdx/"
_UUIDS: Final = UUID("6a4f3c02-7d0a-5c6e-9f0b-4f1f5f3a7c11")


def identifier(document: Mapping[str, Any]) -> UUID:
    """Return the identifier of *document*, which equal documents share (RFC 9562, version 5)."""
    return uuid5(_UUIDS, json.dumps(document, sort_keys=True))


def text_of(document: Mapping[str, Any]) -> bytes:
    """Return *document* as the bytes of a file: a line for each member, and one for each item of a list in it."""
    members = ",\n".join(f" {json.dumps(name)}: {_text(value)}" for name, value in document.items())
    return f"{{\n{members}\n}}\n".encode()


def _text(value: object) -> str:
    if isinstance(value, list) and value:
        # Python's fast encoder does not indent, and takes a tenth of the time.
        items = ",\n  ".join(map(json.dumps, value))
        return f"[\n  {items}\n ]"
    return json.dumps(value)
