"""Names the plugin in the error of a command that it has returned."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from layerwright.errors import CommandFailed, SiteError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["naming"]


@contextmanager
def naming(label: str, role: str) -> Iterator[None]:
    """Say in the error of a command that the plugin *label* returned it; *role* continues the sentence."""
    try:
        yield
    except SiteError as error:
        # The program could not be started: there is none.
        raise SiteError(
            error.summary,
            cause=f"{label} {role}.\n{error.cause}",
            remedy=error.remedy,
            reference=error.reference,
            transient=error.transient,
        ) from error
    except CommandFailed as error:
        raise error.with_cause(f"{label} {role}.\n{error.cause}") from error
