"""The gate of the virtual environment: nothing that the policy refuses is installed, or stays installed.

What will be installed is judged before the installation, as far as a lock file or a resolution says it; what is
installed, with its files, is judged before the layer counts as complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from layerwright.build.policy.gathering import installed, locked, resolved
from layerwright.build.policy.indexes.default import default_index
from layerwright.build.policy.indexes.locating import Indexes
from layerwright.build.policy.judging import Verdict, asked_by, judge, rule_of
from layerwright.build.policy.refusal import exception_words, refusal, ruling_words, warning_words
from layerwright.build.policy.rule import Facts
from layerwright.build.venv.locked import archives_of
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked, resolution_of
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.indexes.index import Page
    from layerwright.build.policy.rule import Asked, OpenDatabase
    from layerwright.config.policy.policy import Policy, Ruling
    from layerwright.contract.sameness import Resolved
    from layerwright.contract.values.environment import EnvironmentInstall, Expected
    from layerwright.output.log import Log
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Gate"]


@dataclass(kw_only=True)
class Gate:
    """Judges the environment that *install*, of the plugin *label*, makes, by *policy*.

    *expected* are the names in the lock file that will be installed. *urls* are the indexes that the package manager
    asks; an empty one is its default. *kept* is what these said when a bundle was fetched, if there is no network.
    *environment* has the user's variables, *choosing* those with which the package manager itself observes the policy
    where it chooses versions. *database* opens a vulnerability database.
    """

    policy: Policy
    install: EnvironmentInstall
    expected: Expected | None
    urls: Sequence[str | SecretStr]
    label: str
    interpreter: Interpreter
    site_packages: Path
    environment: Mapping[str, str]
    log: Log
    today: date
    database: OpenDatabase
    kept: Mapping[Asked, Page] | None = None
    choosing: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _planned: tuple[Candidate, ...] = ()
    _told: set[str] = field(default_factory=set)

    @property
    def needs_resolution(self) -> bool:
        """Whether only a resolution says what will be installed."""
        return resolution_of(self.install.sameness) is not None

    def check_planned(self, resolution: Sequence[Resolved] | None) -> None:
        """Raise a ``UserError`` with every violation among the distributions that will be installed.

        They are those of *resolution*, or those of the lock file. If neither says which, nothing is refused yet.
        """
        self._tell_policy()
        self._plan(resolution)
        certain = resolution is not None or (self.expected is not None and not self.expected.uncertain)
        if not certain or not self._planned:
            return
        self._planned, verdict = self._judged(self._planned, self._before)
        self._act(verdict)

    def foresee(self) -> Verdict:
        """Return the violations that can be known from the lock file alone, without an index or a resolution.

        No vulnerability database is opened: it may be elsewhere, and reading one takes time.
        """
        self._plan(None)
        facts = Facts(now=self.now, today=self.today, pages={}, database=self.database)
        if self.expected is None or self.expected.uncertain:
            return Verdict((), (), ())
        rulings = [one for one in self._before if not rule_of(one).needs_database]
        return judge(self.policy, rulings, self._planned, facts, unasked=True)

    def pages(self, resolution: Sequence[Resolved] | None) -> Mapping[Asked, Page]:
        """Return what the indexes say, as far as the rules need it for what is installed."""
        self._plan(resolution)
        found = installed(self.site_packages, self.interpreter, self._planned, is_locked=self._is_locked)
        self._indexes.ask(asked_by(self.policy, self._rulings, found), found)
        return self._indexes.pages

    def check_installed(self, resolution: Sequence[Resolved] | None = None) -> None:
        """Raise a ``UserError`` with every violation among the distributions that are installed."""
        self._tell_policy()
        if not self._planned:
            self._plan(resolution)
        found = installed(self.site_packages, self.interpreter, self._planned, is_locked=self._is_locked)
        self._act(self._judged(found, self._rulings)[1])

    def _plan(self, resolution: Sequence[Resolved] | None) -> None:
        if resolution is not None:
            self._planned = resolved(resolution, is_locked=self._is_locked)
            return
        names = None if self.expected is None else frozenset(map(normalised_name, self.expected.names))
        self._planned = locked(archives_of(self.install.sameness, self.label), names, self.interpreter.minor)

    def _judged(
        self, candidates: Sequence[Candidate], rulings: Sequence[Ruling]
    ) -> tuple[tuple[Candidate, ...], Verdict]:
        self._indexes.ask(asked_by(self.policy, rulings, candidates), candidates)
        located = tuple(self._indexes.located(one, self.interpreter.minor) for one in candidates)
        facts = Facts(now=self.now, today=self.today, pages=self._indexes.pages, database=self.database)
        return located, judge(self.policy, rulings, located, facts)

    def _act(self, verdict: Verdict) -> None:
        for one, exemption in verdict.excepted:
            self._once(self.log.note, exception_words(one, exemption))
        for one in verdict.warned:
            self._once(self.log.warning, warning_words(one))
        if verdict.refused:
            raise refusal(verdict.refused, self.today)

    def _tell_policy(self) -> None:
        for ruling in self.policy.deciding:
            self._once(self.log.note, f"Policy: {ruling_words(ruling)}")

    def _once(self, tell: Callable[[str], None], words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            tell(words)

    @property
    def _is_locked(self) -> bool:
        return isinstance(self.install.sameness, Locked)

    @property
    def _rulings(self) -> list[Ruling]:
        return [one for one in self.policy.rulings if not one.is_idle]

    @property
    def _before(self) -> list[Ruling]:
        """The rulings that can be judged before the installation."""
        return [one for one in self._rulings if not rule_of(one).needs_files]

    @cached_property
    def _indexes(self) -> Indexes:
        plain = [url.get_secret_value() if isinstance(url, SecretStr) else url for url in self.urls]
        found = (url or default_index(self.interpreter) for url in plain)
        return Indexes([*filter(None, found)], self.environment, self.kept)
