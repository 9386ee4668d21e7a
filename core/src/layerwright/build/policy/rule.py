"""A rule of a policy, and a violation of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from layerwright.build.audit.sources.database import Database
    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.indexes.index import Page
    from layerwright.config.policy.policy import Ruling

    OpenDatabase = Callable[[str], Database]
    """Opens the vulnerability database with a name."""

__all__ = ["Asked", "Facts", "OpenDatabase", "Rule", "Violation"]

_USUAL: Final = timedelta(days=30)


class Asked(NamedTuple):
    """The page of a *project* that a rule needs: of the index that it comes from if *url* is empty."""

    project: str
    url: str = ""


class Facts(NamedTuple):
    """What rules know besides candidates: the time, the day, the *pages* of indexes that they asked for.

    *database* opens a vulnerability database by its name.
    """

    now: datetime
    today: date
    pages: Mapping[Asked, Page]
    database: OpenDatabase


@frozen
class Violation:
    """A candidate that a ruling does not allow."""

    ruling: Ruling
    """The ruling."""

    candidate: Candidate
    """The distribution."""

    because: str
    """What the ruling does not allow, as words that follow the name of the distribution and a colon."""

    is_warning: bool = False
    """Whether the build continues."""

    names: tuple[str, ...] = ()
    """The identifiers by which an exception may name it alone, the usual one first; empty: there are none."""

    until: date | None = None
    """The day on which the ruling allows it by itself, if there is one."""

    def expiry(self, today: date) -> date:
        """Return a day for an exception to expire on."""
        return self.until or today + _USUAL


def _asks_nothing(ruling: Ruling, candidate: Candidate) -> Iterable[Asked]:
    del ruling, candidate
    return ()


@frozen
class Rule:
    """A rule: a pure function from candidates to violations, and what it needs to know."""

    name: str
    """The key of the ruling that it is for, such as ``min-release-age`` or ``licences.denied``."""

    check: Callable[[Ruling, Iterable[Candidate], Facts], Iterable[Violation]]
    """Returns the violations by candidates."""

    remedy: str
    """What to do about a violation, other than to except it: a sentence in the imperative."""

    asks: Callable[[Ruling, Candidate], Iterable[Asked]] = _asks_nothing
    """Returns the pages of indexes that it needs to judge a candidate."""

    needs_files: bool = False
    """Whether it needs what only the installed files say."""

    needs_database: bool = False
    """Whether it opens a vulnerability database, on which the state of a kept environment then depends."""
