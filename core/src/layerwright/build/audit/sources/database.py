"""What an audit asks: a database of advisories, wherever its records are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from layerwright.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.build.audit.advisory import Advisory

__all__ = ["Database", "database_error"]


class Database(Protocol):
    """A database of advisories about distributions of Python."""

    @property
    def words(self) -> str:
        """What it is, for people: its place without secrets, and how many records it has."""
        ...

    @property
    def digest(self) -> str:
        """The digest of its records: equal digests give equal answers."""
        ...

    @property
    def modified(self) -> str:
        """When its newest record was changed, in the form of RFC 3339; empty: it answers with what it has today."""
        ...

    def about(self, distributions: Iterable[tuple[str, str]]) -> Sequence[Advisory]:
        """Return the records about *distributions*, pairs of a normalised name and a version, each record once.

        Some of them may be about other versions. ``SiteError``: it cannot answer.
        """
        ...


def database_error(
    summary: str, cause: str, remedy: Sequence[str] | str, *, transient: bool = False
) -> SiteError:
    """Return the error that the database cannot be used."""
    return SiteError(
        summary, cause=cause, remedy=remedy, reference="vulnerability-database", transient=transient
    )
