"""Text in lines that cannot be mistaken for lines of ours."""

from __future__ import annotations

from layerwright.process.visible import harmless

__all__ = ["in_one_line", "lines_of"]


def in_one_line(text: str) -> str:
    """Return *text* without line ends and control characters: a file name could create lines that look like ours."""
    return harmless(text).replace("\n", "\\n")


def lines_of(text: str) -> list[str]:
    """Return the lines of *text*, which only line feeds end."""
    # Not splitlines: it also splits at characters that a reader should see.
    return text.removesuffix("\n").split("\n") if text else []
