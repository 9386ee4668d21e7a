"""The output of a process, line by line, in a memory that does not grow with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LONGEST_LINE", "lines"]

LONGEST_LINE: Final = 64 * 1024
"""The bytes of a line that are read; what comes after them is left out."""
# The bytes in front of the cut that go as well where they have no blank: there a secret could be cut in two, and its
# first half would not be recognised.
_MARGIN: Final = 4096
_COLOUR: Final = re.compile(r"\x1b\[[0-9;:]*m")


def lines(chunks: Iterable[bytes], longest: int = LONGEST_LINE) -> Iterator[str]:
    """Yield each line of *chunks* without colours and its end, and no more than *longest* bytes of it."""
    line = bytearray()
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield _shown(bytes(line + end), longest)
            line.clear()
        line += rest
        if b"\r" in rest or len(line) > longest:
            words = _last_words(bytes(line))
            # What comes next may be written over it.
            line = bytearray(words.rstrip(b"\r")[: longest + 1] + b"\r" * words.endswith(b"\r"))
    if line:
        yield _shown(bytes(line), longest)


def _shown(line: bytes, longest: int) -> str:
    words = _last_words(line).rstrip(b"\r")
    cut = len(words) > longest
    text = words[:longest].decode(errors="replace")
    if cut:
        end = text[-_MARGIN:]
        text = f"{text[:-_MARGIN]}{end.rpartition(' ')[0]} … (the rest of this line is left out)"
    return _COLOUR.sub("", text)


def _last_words(line: bytes) -> bytes:
    # A progress bar writes over its line: what it wrote last counts, as on a terminal.
    return line[line.rstrip(b"\r").rfind(b"\r") + 1 :]
