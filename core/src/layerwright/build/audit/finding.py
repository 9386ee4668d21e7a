"""Findings: what the records of a database mean for the distributions of an application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from layerwright.build.audit.matching import Verdict, fixed_in, verdict
from layerwright.build.audit.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.build.audit.advisory import Advisory, Affected
    from layerwright.build.audit.subject import Subject

__all__ = ["Audit", "Finding", "audit"]

# The name of a finding with the first of these beginnings is shown first.
_PREFERRED: Final = ("MAL-", "GHSA-", "PYSEC-", "CVE-")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A vulnerability in a version of a distribution, or that this version is malicious."""

    id: str
    aliases: tuple[str, ...] = ()
    """Its names in other databases."""

    subject: Subject
    severity: Severity
    score: float | None = None
    fixed: str = ""
    """The lowest version above this one that has the fix; empty: there is none."""

    summary: str = ""
    url: str = ""
    malware: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every identifier by which an exception may name it."""
        return (self.id, *self.aliases)

    @property
    def words(self) -> str:
        """Its identifiers as text."""
        return self.id + (f" ({', '.join(self.aliases)})" if self.aliases else "")


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The findings, the worst first, and the records that have no versions to compare with."""

    findings: tuple[Finding, ...] = ()
    undecided: tuple[tuple[str, Subject], ...] = ()
    """The identifier of such a record, with the distribution that it names."""


def audit(subjects: Iterable[Subject], advisories: Iterable[Advisory]) -> Audit:
    """Return what *advisories* mean for *subjects*. Records that are aliases of each other make one finding."""
    named: dict[str, list[tuple[Advisory, Affected]]] = {}
    for advisory in advisories:
        for one in advisory.affected if not advisory.withdrawn else ():
            named.setdefault(one.name, []).append((advisory, one))
    findings, undecided = [], []
    for subject in subjects:
        hits: dict[str, list[tuple[Advisory, Affected]]] = {}
        for advisory, one in named.get(subject.name, ()):
            found = verdict(one, subject.version)
            # A record of malware without versions is about the name itself.
            if found is Verdict.AFFECTED or (found is Verdict.UNDECIDED and advisory.is_malware):
                hits.setdefault(advisory.id, []).append((advisory, one))
            elif found is Verdict.UNDECIDED:
                undecided.append((advisory.id, subject))
        findings += [_finding(subject, group) for group in _grouped(list(hits.values()))]
    findings.sort(
        key=lambda one: (not one.malware, -one.severity.rank, one.subject.name, one.subject.version, one.id)
    )
    told = {(name, one.subject) for one in findings for name in one.names}
    return Audit(
        findings=tuple(findings), undecided=tuple(one for one in dict.fromkeys(undecided) if one not in told)
    )


def _grouped(
    hits: Sequence[list[tuple[Advisory, Affected]]],
) -> list[list[tuple[Advisory, Affected]]]:
    """Return *hits*, those of one record each, with those of aliases joined."""
    groups: list[tuple[set[str], list[tuple[Advisory, Affected]]]] = []
    for hit in hits:
        names = {hit[0][0].id, *hit[0][0].aliases}
        together = [group for group in groups if group[0] & names]
        groups = [group for group in groups if not group[0] & names]
        groups.append(
            (
                names.union(*(known for known, _ in together)),
                [*(one for _, known in together for one in known), *hit],
            )
        )
    return [group for _, group in groups]


def _finding(subject: Subject, group: Sequence[tuple[Advisory, Affected]]) -> Finding:
    advisories = sorted({one.id: one for one, _ in group}.values(), key=lambda one: _preference(one.id))
    names = dict.fromkeys(name for one in advisories for name in (one.id, *one.aliases))
    first = advisories[0]
    known = [
        severity
        for advisory, one in group
        for severity in (advisory.severity, one.severity)
        if severity is not Severity.UNKNOWN
    ]
    scores = [score for advisory, one in group for score in (advisory.score, one.score) if score is not None]
    fixes = [fix for _, one in group if (fix := fixed_in(one, subject.version))]
    return Finding(
        id=first.id,
        aliases=tuple(name for name in names if name != first.id),
        subject=subject,
        severity=max(known, key=lambda one: one.rank, default=Severity.UNKNOWN),
        score=max(scores, default=None),
        # Databases that differ know different parts of the fix.
        fixed=max(fixes, key=Version, default=""),
        summary=next((one.summary for one in advisories if one.summary), ""),
        url=next((one.url for one in advisories if one.url), ""),
        malware=any(one.is_malware for one in advisories),
    )


def _preference(identity: str) -> tuple[int, str]:
    ranks = (rank for rank, prefix in enumerate(_PREFERRED) if identity.startswith(prefix))
    return next(ranks, len(_PREFERRED)), identity
