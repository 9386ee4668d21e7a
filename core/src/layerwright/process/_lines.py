"""The output of a process, line by line, in bounded memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LONGEST_LINE", "lines"]

LONGEST_LINE: Final = 64 * 1024
"""The bytes of a line that are read; the rest is dropped."""
# The bytes before the cut that are dropped too if they have no space: a secret could be cut in two there, and its
# first half would not be recognised.
_MARGIN: Final = 4096
_COLOUR: Final = r"\x1b\[[0-9;:]*m"


def lines(chunks: Iterable[bytes], longest: int = LONGEST_LINE) -> Iterator[str]:
    """Yield each line of *chunks* without colours and line end, cut to *longest* bytes."""
    line = bytearray()
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield _shown(bytes(line + end), longest)
            line.clear()
        line += rest
        if b"\r" in rest or len(line) > longest:
            words = _last_words(bytes(line))
            # The next part may overwrite it.
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
    return re.sub(_COLOUR, "", text)


def _last_words(line: bytes) -> bytes:
    # A progress bar overwrites its line: its last state counts, as on a terminal.
    return line[line.rstrip(b"\r").rfind(b"\r") + 1 :]
