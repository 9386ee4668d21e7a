"""The one error with all violations of a policy, and the words of the log about the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import NO_DISTRIBUTION
from layerwright.build.policy.judging import rule_of
from layerwright.config.policy.policy import Rank
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from layerwright.build.policy.judging import Judged
    from layerwright.config.policy.exemption import Exemption
    from layerwright.config.policy.policy import Policy, Ruling

__all__ = ["exception_words", "policy_words", "refusal", "ruling_words", "warning_words"]


def refusal(refused: Sequence[Judged], today: date) -> UserError:
    """Return the error for *refused*: for each its rule, who set that, and the exception that would allow it.

    The remedies are those of the rules that are violated, and the exceptions.
    """
    names = {one.violation.candidate.words for one in refused}
    count = "a distribution" if len(names) == 1 else f"{len(names)} distributions"
    return UserError(
        f"The policy refuses {count}.",
        cause="\n".join(line for one in refused for line in _lines(one, today)),
        remedy=(
            *dict.fromkeys(rule_of(one.violation.ruling).remedy for one in refused),
            *((_EXCEPTION,) if any(map(_has_name, refused)) else ()),
        ),
        reference="policy",
    )


def _lines(one: Judged, today: date) -> Iterable[str]:
    violation = one.violation
    yield f"{violation.candidate.words}: {violation.because}"
    yield f"  rule: {ruling_words(violation.ruling)}"
    if one.expired is not None:
        yield f"  expired: {_exempt(one.expired)}"
    if one.weaker is not None:
        yield f"  without effect: {one.weaker.origin}, because a stronger source sets the rule"
    if _has_name(one):
        yield f"  exception: {exception_toml(one, today)}"


def _has_name(one: Judged) -> bool:
    """Return whether an exception can name what is refused: it has no name for files of no distribution."""
    return one.violation.candidate.name != NO_DISTRIBUTION


def ruling_words(ruling: Ruling) -> str:
    """Return *ruling* as text: the rule, its value, and who set it."""
    value = ruling.shown
    if isinstance(value, dict):
        value = f"{{{', '.join(f'{name} = {text}' for name, text in value.items())}}}"
    shown = ", ".join(value) if isinstance(value, list) else value
    return f"{ruling.rule} = {shown}, from {ruling.origin}{_OWNER[ruling.rank]}"


def exception_toml(one: Judged, today: date) -> str:
    """Return the exception that would allow *one*, as a table of TOML in one line."""
    import json

    candidate = one.violation.candidate
    table = {"distribution": candidate.name, "version": candidate.version}
    table["rule"] = one.violation.ruling.rule.partition(".")[0]
    table["id"] = next(iter(one.violation.names), "")
    texts = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items() if value]
    return f'{{ {", ".join(texts)}, reason = "…", expires = "{one.violation.expiry(today).isoformat()}" }}'


def exception_words(one: Judged, exemption: Exemption) -> str:
    """Return, as text, what *exemption* allows."""
    return f"{one.violation.candidate.words}: {one.violation.because}. Allowed {_exempt(exemption)}"


def policy_words(policy: Policy, today: date) -> tuple[str, ...]:
    """Return *policy* as text: each rule that counts, with who set it, and each exception."""
    exceptions = (
        f"exception from {one.rule}: {one.distribution}{f' {one.version}' if one.version else ''}"
        f"{f' of {one.index}' if one.index else ''}, {'expired, ' if one.expires < today else ''}{_exempt(one)}"
        for one in policy.exemptions
    )
    return (*map(ruling_words, policy.deciding), *exceptions)


def warning_words(one: Judged) -> str:
    """Return *one*, which is not refused, as text."""
    return f"{one.violation.candidate.words}: {one.violation.because}\nThe rule: {ruling_words(one.violation.ruling)}"


def _exempt(exemption: Exemption) -> str:
    return f"until {exemption.expires.isoformat()} by {exemption.origin}: {exemption.reason}"


_EXCEPTION: Final = (
    "Where a distribution is right as it is, add the exception that is shown, with a reason, to `exceptions` of the"
    " policy that sets the rule, or of a stronger one."
)
_OWNER: Final = {
    Rank.APPLICATION: "",
    Rank.ENVIRONMENT: " (of the environment)",
    Rank.PLATFORM: " (of the platform)",
}
