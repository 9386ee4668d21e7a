"""The rule ``vulnerabilities``: nothing is installed that a database knows as malicious, or as too vulnerable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import NO_DISTRIBUTION
from layerwright.build.policy.rule import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.audit.finding import Finding
    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Facts
    from layerwright.config.policy.policy import Ruling

__all__ = ["DATABASE", "DENY", "NAME", "VULNERABILITIES", "refuses"]

NAME: Final = "vulnerabilities"
"""The name of the rule."""
DATABASE: Final = "database"
"""The key of its value with the database."""
DENY: Final = "deny"
"""The key of its value with a severity, and the value of another key."""

_MALWARE: Final = "malware"
_WARN: Final = "warn"


def _check(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    # A policy without this rule does without the imports.
    from layerwright.build.audit.finding import audit
    from layerwright.build.audit.subject import Subject

    named = {
        Subject(name=one.name, version=one.version): one
        for one in candidates
        # A database knows what an index has under the name.
        if not one.is_own and one.name != NO_DISTRIBUTION and one.version
    }
    advisories = facts.database(ruling.value[DATABASE]).about((one.name, one.version) for one in named)
    for found in audit(named, advisories).findings:
        is_warning = found.malware and ruling.value.get(_MALWARE) == _WARN
        if is_warning or refuses(ruling, found):
            yield Violation(
                ruling=ruling,
                candidate=named[found.subject],
                because=_because(found),
                is_warning=is_warning,
                names=found.names,
            )


def refuses(ruling: Ruling, found: Finding) -> bool:
    """Return whether *ruling*, of this rule, does not allow what was *found*."""
    from layerwright.build.audit.severity import Severity

    if found.malware:
        return bool(ruling.value.get(_MALWARE) == DENY)
    return DENY in ruling.value and found.severity.reaches(Severity(ruling.value[DENY]))


def _because(found: Finding) -> str:
    what = "malicious" if found.malware else f"severity {found.severity.value}"
    summary = f", {found.summary.rstrip('.')}" if found.summary else ""
    fixed = f"; version {found.fixed} has the fix" if found.fixed else ""
    return f"{found.words}, {what}{summary}{fixed}"


VULNERABILITIES: Final = Rule(
    name=NAME,
    check=_check,
    remedy="Use versions that have the fix, remove malicious distributions, and lock again.",
    needs_database=True,
)
