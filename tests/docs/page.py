"""A page's examples: what it has of each language, and its Python as one module with the page's line numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Example", "examples", "module"]

_BLOCK: Final = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FILE: Final = re.compile(r"# ([\w.-]*[./][\w./-]*)\n")


@dataclass(frozen=True)
class Example:
    """A block: its language, its first line's number, its text, the file that it is, and why it is not run.

    A block is a file when its first line is a comment with the name of one; that line is no part of its text.
    """

    language: str
    line: int
    text: str
    file: str
    not_run: str


def examples(page: Path) -> tuple[Example, ...]:
    """Return the examples of *page*, in order."""
    text = page.read_text()
    return tuple(_example(text, match) for match in _BLOCK.finditer(text))


def module(page: Path) -> str:
    """Return the Python of *page* as one module: each line where it is on the page, and blank ones for the rest."""
    found = ""
    for example in examples(page):
        if example.language == "python" and not example.file and not example.not_run:
            found += "\n" * (example.line - 1 - found.count("\n")) + example.text
    return found


def _example(page: str, block: re.Match[str]) -> Example:
    named = _FILE.match(block["text"])
    return Example(
        language=block["language"],
        line=page.count("\n", 0, block.start("text")) + 1,
        text=block["text"][named.end() :] if named else block["text"],
        file=named[1] if named else "",
        not_run=block["reason"] or "",
    )
