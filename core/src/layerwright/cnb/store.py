"""store.toml: what a buildpack wants to know in the next build of the same image (Buildpack API, "store.toml")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cnb import toml
from layerwright.cnb.metadata import check_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["read_store", "write_store"]


def read_store(path: Path) -> dict[str, object]:
    """Return the metadata of the store.toml at *path*, none when there is no such file.

    ``ValueError``: it is damaged; the message names it. The lifecycle exports no image with it.
    """
    try:
        metadata = (toml.read(path) or {}).get("metadata", {})
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(metadata, dict):
        raise ValueError(f"{path} is damaged: its metadata is not a table")  # noqa: TRY004  # one error for damage
    return metadata


def write_store(path: Path, metadata: Mapping[str, object]) -> None:
    """Have *metadata* in the store.toml at *path*, in place of all that is there; not written, it stays as it is.

    ``TypeError``: metadata other than strings and tables of strings.
    """
    check_metadata(metadata)
    toml.write_atomically(path, toml.dumps({"metadata": dict(metadata)}))
