"""The failure of a check: what is wrong, the values, why it matters, and what to return instead."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

from layerwright.errors import LayerwrightError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["changes", "fail", "told"]

_CONTRACT: Final = (
    "return the contract's own classes, with tuples and mappings of strings; raise UserError for a user."
)


def fail(what: str, *, why: str, instead: str, shown: Iterable[str] = ()) -> NoReturn:
    """Fail the running check; each line of *shown* is evidence."""
    lines = [
        what,
        "",
        *(f"    {line}" for line in shown),
        "",
        f"Why it matters: {why}",
        f"Instead: {instead}",
    ]
    text = "\n".join(lines).replace("\n\n\n", "\n\n")
    # A traceback would show only the kit's own code.
    pytest.fail(text, pytrace=False)


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return a line for each key whose value differs."""
    keys = sorted(before.keys() | after.keys())
    return [
        f"{key}: {before.get(key, '(nothing)')!s} != {after.get(key, '(nothing)')!s}"
        for key in keys
        if before.get(key) != after.get(key)
    ]


@contextmanager
def told(*, instead: str = _CONTRACT) -> Iterator[None]:
    """If the plugin raises, fail the running check with the text of the error and the line that raised it."""
    try:
        yield
    except LayerwrightError as error:
        raised = error.__cause__
        frames = traceback.extract_tb(raised.__traceback__)[-1:] if raised else []
        fail(
            error.summary,
            why="A build fails here, and the check cannot continue.",
            instead=instead,
            shown=[*error.cause.splitlines(), *(f"{f.filename}, line {f.lineno}: {f.line}" for f in frames)],
        )
