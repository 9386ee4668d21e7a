"""The rule ``startup-code``: which distributions may run code at every start of the interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.policy.rule import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Facts
    from layerwright.config.policy.policy import Ruling

__all__ = ["STARTUP_CODE"]


def _check(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    del facts
    for one in candidates:
        if ruling.is_idle or one.is_own:
            continue
        files = (
            one.startup_files if ruling.value == "known" else (*one.startup_files, *one.known_startup_files)
        )
        if files:
            because = f"its files run code at every start of the interpreter: {', '.join(sorted(files))}"
            yield Violation(ruling=ruling, candidate=one, because=because)


STARTUP_CODE: Final = Rule(
    name="startup-code",
    check=_check,
    remedy="Read the files that run code. Remove the distributions whose code must not run at every start, and lock"
    " again.",
    needs_files=True,
)
