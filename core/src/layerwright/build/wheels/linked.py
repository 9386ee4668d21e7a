"""The directories of distributions that the user has configured for pip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["linked_directories"]


def linked_directories(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the directories of distributions that ``PIP_FIND_LINKS`` in *environment* names.

    URLs of other machines, and paths relative to a working directory, are not among them.
    """
    found = []
    for link in environment.get("PIP_FIND_LINKS", "").split():
        if link.startswith("file://"):
            from urllib.parse import unquote, urlsplit

            link = unquote(urlsplit(link).path)
        if link.startswith("/"):
            found.append(Path(link))
    return tuple(found)
