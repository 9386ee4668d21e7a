"""Reading and writing TOML documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["dumps", "read"]


def dumps(document: Mapping[str, Any]) -> str:
    """Return *document* as TOML; equal documents with equal key order give equal text."""
    import tomli_w

    return tomli_w.dumps(document)


def read(path: Path) -> dict[str, Any] | None:
    """Return the document at *path*; ``None`` if the file does not exist.

    ``ValueError``: it is not TOML, or not UTF-8. ``OSError``: it cannot be read.
    """
    import tomllib

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:  # tomllib's answer to a thousand opening brackets
        raise ValueError("nested too deeply") from error
