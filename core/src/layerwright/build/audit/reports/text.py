"""An audit as text, for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from layerwright.build.audit.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from layerwright.build.audit.finding import Finding
    from layerwright.build.audit.judged import Judged
    from layerwright.build.audit.reports.report import Report
    from layerwright.config.policy.exemption import Exemption

__all__ = ["days_old", "text"]


def text(report: Report, today: date) -> str:
    """Return *report* with a block for each finding: those that count first, then the others, then what is accepted."""
    return "\n".join(_lines(report, today)) + "\n"


def days_old(modified: str, today: date) -> int | None:
    """Return how many days before *today* the time *modified* (RFC 3339) was; ``None``: it is none."""
    from datetime import date as day

    try:
        return max((today - day.fromisoformat(modified[:10])).days, 0)
    except ValueError:
        return None


def _lines(report: Report, today: date) -> Iterator[str]:
    name = f"{report.name} {report.version}".rstrip()
    yield f"Audit of {name}: {_count(len(report.subjects), 'distribution')}"
    days = days_old(report.modified, today)
    age = "" if days is None else f", the newest {_age(days)}"
    yield f"  Database: {report.database}{age}"
    failing = report.failing
    others = [one for one in report.findings if one not in failing and not one.accepted]
    accepted = [one for one in report.findings if one.accepted]
    yield from _section("Findings", [_block(one) for one in failing])
    yield from _section(f"Findings below {report.threshold.value}", [_block(one) for one in others])
    yield from _section(
        "Accepted", [_accepted(one.finding, one.accepted) for one in accepted if one.accepted]
    )
    undecided = [[f"{identity}: {one.name} {one.version}"] for identity, one in report.undecided]
    yield from _section("Records without versions, which decide nothing", undecided)
    yield ""
    yield _result(report, len(others), len(accepted))


def _section(title: str, blocks: list[list[str]]) -> Iterator[str]:
    if blocks:
        yield from ("", title)
    for block in blocks:
        yield from (f"  {line}" for line in block)


def _block(one: Judged) -> list[str]:
    found = one.finding
    fix = f" → {found.fixed}" if found.fixed else ""
    places = f" ({'; '.join(found.subject.places)})" if found.subject.places else ""
    lines = [
        f"{_severity(found)}  {found.subject.name} {found.subject.version}{fix}{places}",
        f"  {found.words}",
        *(f"  {line}" for line in (found.summary, found.url) if line),
    ]
    if one.expired:
        lines.append(
            f"  The exception expired on {one.expired.expires.isoformat()}: {one.expired.reason}"
            f" [{one.expired.origin}]"
        )
    return lines


def _accepted(found: Finding, why: Exemption) -> list[str]:
    return [
        f"{_severity(found)}  {found.subject.name} {found.subject.version}: {found.words}",
        f"  Accepted until {why.expires.isoformat()}: {why.reason} [{why.origin}]",
    ]


def _severity(found: Finding) -> str:
    if found.malware:
        return "malware"
    score = f" {found.score:.1f}" if found.score is not None else ""
    return "severity unknown" if found.severity is Severity.UNKNOWN else f"{found.severity.value}{score}"


def _result(report: Report, others: int, accepted: int) -> str:
    counted = Counter("malware" if one.finding.malware else _word(one.finding) for one in report.failing)
    kinds = ", ".join(f"{number} {word}" for word, number in counted.items())
    words = f"{_count(len(report.failing), 'finding')}: {kinds}" if kinds else "No finding"
    more = [f"{others} below {report.threshold.value}"] * bool(others) + [f"{accepted} accepted"] * bool(
        accepted
    )
    return f"{words} ({', '.join(more)})." if more else f"{words}."


def _word(found: Finding) -> str:
    return "of unknown severity" if found.severity is Severity.UNKNOWN else found.severity.value


def _age(days: int) -> str:
    return f"{_count(days, 'day')} old" if days else "of today"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
