"""Which findings of an audit the exceptions of a policy accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.audit.judged import Judged
from layerwright.build.policy.judging import exceptions_from
from layerwright.build.policy.rules.vulnerabilities import NAME, refuses

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from layerwright.build.audit.finding import Finding
    from layerwright.config.policy.policy import Policy

__all__ = ["accepting"]


def accepting(findings: Iterable[Finding], policy: Policy, today: date) -> tuple[Judged, ...]:
    """Return *findings* with the exceptions of *policy* that name them.

    As in a build, an exception has no effect against what a stronger source than its own refuses.
    """
    return tuple(_judged(finding, policy, today) for finding in findings)


def _judged(finding: Finding, policy: Policy, today: date) -> Judged:
    refusing = [one.rank for one in policy.rulings if one.rule == NAME and refuses(one, finding)]
    strongest = max(refusing, default=None)
    subject = finding.subject
    named = exceptions_from(NAME, policy, subject.name, subject.version, finding.names)
    current = [one for one in named if one.expires >= today]
    counting = [one for one in current if strongest is None or one.rank >= strongest]
    return Judged(
        finding=finding,
        accepted=next(iter(counting), None),
        expired=next((one for one in named if one not in current and not counting), None),
    )
