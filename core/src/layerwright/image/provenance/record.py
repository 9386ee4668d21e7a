"""The part of a build record that is the same on every machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from layerwright.output.record import masked

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["portable_part"]

# The others have times, paths, or what the machine had from the last build.
_KEYS: Final = (
    "version",
    "layerwright",
    "target",
    "execution-environment",
    "package-manager",
    "distributions",
)
_OF_PYTHON: Final = ("version", "provider")


def portable_part(record: Mapping[str, Any]) -> bytes:
    """Return what *record* says that no other machine would say differently, without secrets.

    The form is that of ``jq -cS``.
    """
    python = record["python"]
    part = {
        **{key: record[key] for key in _KEYS},
        "python": python and {key: python[key] for key in _OF_PYTHON},
    }
    text = json.dumps(masked(part), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{text}\n".encode()
