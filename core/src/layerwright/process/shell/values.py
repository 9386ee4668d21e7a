"""What is known about a command line, apart from the rules that find it out: most builds only need these values."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Script", "Token"]


class Token(NamedTuple):
    """A word, an operator, or an arithmetic command ``((…))``, with its position.

    ``literal`` is the value of a word if the shell only removes its quotes; else ``None``.
    """

    text: str
    start: int
    literal: str | None = None
    is_word: bool = False

    @property
    def end(self) -> int:
        """The position after it."""
        return self.start + len(self.text)


class Script(NamedTuple):
    """A command line for a shell.

    ``words`` are set if it needs no shell. ``launched`` is the script whose last command replaces the shell, the same
    as ``text`` if there is none; ``instead`` then says why, as words after "the last command", unless the script
    handles signals itself. ``bash`` lists the bash-only syntax. ``programs`` are those that it certainly starts, each
    with its arguments, if it does not change ``PATH``; ``moves`` says whether it changes its directory.
    """

    text: str
    words: tuple[str, ...] | None = None
    launched: str = ""
    takes_arguments: bool = False
    instead: str = ""
    bash: tuple[str, ...] = ()
    programs: tuple[tuple[Token, ...], ...] = ()
    moves: bool = False
