"""Names the plugin in the error of a command that it has returned."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from layerwright.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["naming"]


@contextmanager
def naming(label: str, role: str) -> Iterator[None]:
    """Say in the error of a command that the plugin *label* returned it; *role* continues the sentence."""
    try:
        yield
    except CommandFailed as error:
        raise error.with_cause(f"{label} {role}.\n{error.cause}") from error
