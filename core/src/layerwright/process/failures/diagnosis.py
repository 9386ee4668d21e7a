"""Diagnoses: what the output of a failed command means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, fields
from textwrap import dedent
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.frozen import frozen
from layerwright.process.failures._search import TooLong, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from layerwright.process.command import Command

__all__ = ["Diagnosed", "Diagnosis", "diagnosed", "diagnoses_of", "problem_of"]

# One after a backslash is itself.
_BLANK: Final = r"(?<!\\) "
_GROUP: Final = r"\{(\w+)\}"
_TELLING: Final = 3
_LONGEST: Final = 200
_REFERENCE: Final = r"[a-z0-9]+(-[a-z0-9]+)+"


@frozen
class Diagnosis:
    """The error for a failed command if *pattern* is found in its output.

    The last 256 KiB of the output are searched, without colours and secrets. A search that needs more than two seconds
    of processor time is ended, and the diagnosis does not apply. The error quotes the lines of the match.
    ``{name}`` in ``summary``, ``cause`` and ``remedy`` stands for the match of the pattern's group of that name.
    """

    pattern: str
    """A regular expression. ``^`` and ``$`` match at every line, and a space matches any white space, because tools
    wrap lines. A group with the name ``log`` matches the path of the tool's log file: core searches the end of it
    for all diagnoses, and this one applies if no other does."""

    summary: str
    """What happened."""

    cause: str = ""
    """Why."""

    remedy: tuple[str, ...] = ()
    """What to do, in order. Without one, that of the command applies."""

    reference: str
    """The id of the error, in kebab-case."""

    transient: bool = False
    """Whether the same build may succeed later; the exit status is then 75."""

    more: Mapping[str, str] = field(default_factory=dict)
    """Variables that make the tool print more: core runs the command once more with them, silently, and searches that
    output first."""


class Diagnosed(NamedTuple):
    """A diagnosis that applies, with the groups in its texts, and the lines that match."""

    diagnosis: Diagnosis
    summary: str
    cause: str
    remedy: tuple[str, ...]
    telling: tuple[str, ...]
    log: str = ""


def diagnoses_of(command: Command) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of *command*; raise what its function raises, or ``TypeError`` for other values."""
    # Nothing but this checks what a plugin's function returns.
    found: object = command.diagnoses() if callable(command.diagnoses) else command.diagnoses
    if not isinstance(found, tuple) or not all(isinstance(item, Diagnosis) for item in found):
        raise TypeError(f"not a tuple of Diagnosis: {found!r:.200}")
    return found


def diagnosed(
    diagnoses: Iterable[Diagnosis], output: str, slow: Callable[[Diagnosis], None] = lambda _diagnosis: None
) -> Diagnosed | None:
    """Return the first of *diagnoses* whose pattern is in *output*; defective ones are skipped.

    *slow* is called with each one whose search took too long.
    """
    for diagnosis in diagnoses:
        if problem_of(diagnosis):
            continue
        try:
            found = search(_compiled(diagnosis.pattern), output)
        except TooLong:
            slow(diagnosis)
            continue
        if found is not None:
            groups = {name: " ".join((text or "").split()) for name, text in found.groupdict().items()}
            return Diagnosed(
                diagnosis,
                _filled(diagnosis.summary, groups),
                _filled(diagnosis.cause, groups),
                tuple(_filled(step, groups) for step in diagnosis.remedy),
                _lines(output, *found.span()),
                groups.get("log", ""),
            )
    return None


def problem_of(diagnosis: Diagnosis) -> str:
    """Return why *diagnosis* can never apply as intended; empty if it can."""
    wrong = [f.name for f in fields(diagnosis) if not _is_right(f.name, getattr(diagnosis, f.name))]
    if wrong:
        return f"{' and '.join(wrong)} have the wrong type"
    try:
        pattern = _compiled(diagnosis.pattern)
    except re.error as error:
        return f"the pattern is not a regular expression: {error}"
    if pattern.search("") is not None:
        return "the pattern matches any output"
    texts = (diagnosis.summary, diagnosis.cause, *diagnosis.remedy)
    named = {name for text in texts for name in re.findall(_GROUP, text)}
    unknown = sorted(named - pattern.groupindex.keys())
    if unknown:
        return f"the pattern has no group {', '.join(unknown)}"
    return "" if re.fullmatch(_REFERENCE, diagnosis.reference) else "the reference is not in kebab-case"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(_BLANK, r"\\s+", pattern), re.MULTILINE)


def _is_right(name: str, value: object) -> bool:
    if name == "remedy":
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    if name == "more":
        return isinstance(value, Mapping)
    return isinstance(value, bool if name == "transient" else str)


def _filled(text: str, groups: dict[str, str]) -> str:
    return re.sub(_GROUP, lambda found: groups[found[1]], text)


def _lines(output: str, start: int, end: int) -> tuple[str, ...]:
    """Return the lines of *output* from *start* to *end*; only the first and the last ones if there are many."""
    first = output.rfind("\n", 0, start) + 1
    last = output.find("\n", max(start, end - 1))
    lines = [line.rstrip() for line in dedent(output[first : len(output) if last < 0 else last]).splitlines()]
    found = [_shortened(line) for line in lines if line]
    if len(found) > 2 * _TELLING:
        found[_TELLING:-_TELLING] = ["…"]
    return tuple(found)


def _shortened(line: str) -> str:
    """Return *line* without its middle if it is long, as a list of versions is."""
    half = _LONGEST // 2
    return line if len(line) <= _LONGEST else f"{line[:half]} … {line[-half:]}"
