"""Layer metadata that survives JSON on the way to the next build."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["check_metadata"]


def check_metadata(metadata: Mapping[str, object]) -> None:
    """Check that *metadata* consists of strings and tables of strings.

    ``TypeError``: anything else, which an image's labels would change: integers become floats, dates become strings.
    """
    for key, value in metadata.items():
        values = value.values() if isinstance(value, Mapping) else [value]
        if not all(isinstance(each, str) for each in values):
            raise TypeError(f"metadata is strings and tables of strings; {key} is {value!r}")
