"""The commands of a command line, and those that a shell runs last (POSIX, "Shell Command Language", 2.9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.process.shell._names import RESERVED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from layerwright.process.shell.values import Token

__all__ = ["Last", "NotUnderstood", "Simple", "commands"]

_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*(?:\[[^]]*\])?\+?=")
_REDIRECTIONS: Final = frozenset({"<", ">", ">>", "<&", ">&", "<>", ">|", "&>", "&>>", "<<<"})
_TESTS: Final = frozenset({"[", "command", "hash", "test", "type", "which"})
_BLANK_LINES: Final = ("\n",)


class NotUnderstood(Exception):
    """The command line has a construct that these rules do not support, or a syntax error."""


class Simple(NamedTuple):
    """A simple command: the words from its name on, after any assignments.

    ``certain``: it runs whatever the result of earlier commands, unless one of them fails.
    """

    words: tuple[Token, ...]
    assignments: tuple[Token, ...] = ()
    certain: bool = True

    @property
    def name(self) -> str:
        """The command name, empty if the shell has to expand it."""
        return (self.words[0].literal or "") if self.words else ""


class Last(NamedTuple):
    """The simple commands that a shell may run last, or why not, as words after "the last command"."""

    commands: tuple[Simple, ...] = ()
    instead: str = ""


def commands(tokens: Sequence[Token]) -> tuple[tuple[Simple, ...], Last]:
    """Return every simple command of *tokens*, except in substitutions, and the last one.

    ``NotUnderstood``: *tokens* have a ``case``, a function or a syntax error.
    """
    parser = _Parser(tokens)
    last = parser.list(())
    return tuple(parser.simple), last


class _Parser:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens: Final = tokens
        self._at = 0
        self._is_certain = True
        self.simple: Final[list[Simple]] = []

    @property
    def peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def list(self, ends: Collection[str]) -> Last:
        """Skip a list up to one of *ends*, which must follow, or to the end without *ends*."""
        last = None
        while True:
            self._skip(*_BLANK_LINES)
            if self._is_at(ends):
                break
            last = self._and_or()
            if self._skip("&"):
                last = Last(instead="runs in the background")
            elif not self._skip(";", *_BLANK_LINES):
                break
        if last is None or not self._is_at(ends):
            raise NotUnderstood
        return last

    def _and_or(self) -> Last:
        was_certain, start = self._is_certain, len(self.simple)
        last = self._pipeline()
        while self._is_at(("&&", "||")):
            either = self._next().text == "||"
            if either:
                self.simple[start:] = [each._replace(certain=False) for each in self.simple[start:]]
            # Commands after a test run only if the test allows it.
            tests = any(each.name in _TESTS for each in self.simple[start:])
            self._is_certain = self._is_certain and not either and not tests
            self._skip(*_BLANK_LINES)
            last = self._pipeline()
        self._is_certain = was_certain
        return last

    def _pipeline(self) -> Last:
        instead = ""
        if self._skip("!", "time"):
            instead = "has a result that the shell checks"
        last = self._command()
        while self._skip("|", "|&"):
            self._skip(*_BLANK_LINES)
            self._command()
            instead = "is a pipeline"
        return Last(instead=instead) if instead else last

    def _command(self) -> Last:
        token = self.peek
        if token is None:
            raise NotUnderstood
        if not token.is_word:
            return self._parenthesised(token)
        if token.text == "{":
            return self._group()
        if token.text == "if":
            return self._if()
        if token.text in ("while", "until"):
            self._at += 1
            self.list(("do",))
            return self._loop()
        if token.text in ("for", "select"):
            return self._for()
        if token.text == "[[":
            while not self._skip("]]"):
                self._next()
            self._redirections()
            self._is_certain = False
            return Last(instead="is `[[`, which is built into the shell")
        if token.text in RESERVED:
            raise NotUnderstood
        return self._simple()

    def _parenthesised(self, token: Token) -> Last:
        if token.text.startswith("(("):
            self._at += 1
            self._is_certain = False
            return Last(instead="is `((`, which is built into the shell")
        if token.text in _REDIRECTIONS:
            return self._simple()
        self._expect("(")
        self.list((")",))
        self._expect(")")
        self._redirections()
        return Last(instead="is in a subshell")

    def _group(self) -> Last:
        self._expect("{")
        last = self.list(("}",))
        self._expect("}")
        self._redirections()
        return last

    def _if(self) -> Last:
        found: list[Last] = []
        was_certain, self._is_certain = self._is_certain, False
        self._expect("if")
        while True:
            self.list(("then",))
            self._expect("then")
            found.append(self.list(("elif", "else", "fi")))
            if not self._skip("elif"):
                break
        if self._skip("else"):
            found.append(self.list(("fi",)))
        self._expect("fi")
        self._is_certain = was_certain
        self._redirections()
        instead = next((last.instead for last in found if last.instead), "")
        return Last(tuple(simple for last in found for simple in last.commands), instead)

    def _for(self) -> Last:
        self._at += 1
        while not self._is_at((";", "\n", "do")):
            self._next()
        self._skip(";")
        self._skip(*_BLANK_LINES)
        return self._loop()

    def _loop(self) -> Last:
        self._expect("do")
        self.list(("done",))
        self._expect("done")
        self._redirections()
        return Last(instead="is a loop")

    def _simple(self) -> Last:
        assignments: list[Token] = []
        words: list[Token] = []
        while (token := self.peek) is not None:
            if self._redirections():
                continue
            if not token.is_word:
                break
            (words if words or not _ASSIGNMENT.match(token.text) else assignments).append(self._next())
        if token is not None and token.text == "(":
            raise NotUnderstood
        simple = Simple(tuple(words), tuple(assignments), self._is_certain)
        self.simple.append(simple)
        return Last((simple,))

    def _redirections(self) -> bool:
        """Skip redirections; return whether there were any."""
        start = self._at
        while True:
            token = self.peek
            following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
            if (
                token
                and token.is_word
                and token.text.isdigit()
                and following
                and following.start == token.end
            ):
                # A descriptor number is directly before the operator.
                self._at += following.text in _REDIRECTIONS
                token = self.peek
            if token is None or token.text not in _REDIRECTIONS:
                return self._at > start
            self._at += 1
            if not self._next().is_word:
                raise NotUnderstood

    def _is_at(self, ends: Collection[str]) -> bool:
        token = self.peek
        return not ends if token is None else token.text in ends

    def _skip(self, *texts: str) -> bool:
        """Skip all tokens here that are one of *texts*; return whether there were any."""
        start = self._at
        while (token := self.peek) is not None and token.text in texts:
            self._at += 1
            if texts != _BLANK_LINES:
                break
        return self._at > start

    def _expect(self, text: str) -> None:
        if self._next().text != text:
            raise NotUnderstood

    def _next(self) -> Token:
        token = self.peek
        if token is None:
            raise NotUnderstood
        self._at += 1
        return token
