"""The words and operators of a shell command line (POSIX, "Shell Command Language", 2.2 and 2.3).

Quotes and expansions are followed to their end, and nothing is expanded. Bash-only syntax is recorded here, because
it depends on the spelling.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final, NamedTuple

from layerwright.process.shell.values import Token

__all__ = ["Scanned", "scan"]

_BLANK: Final = " \t"
_OPERATORS: Final = r"&>>|<<<|<<-|;;&|&&|\|\||;;|;&|&>|\|&|<<|>>|<&|>&|<>|>\||[\n;&|<>()]"
_ENDS_WORD: Final = frozenset(" \t\n;&|<>()")
# Characters that a shell may expand in an unquoted word.
_ACTIVE: Final = frozenset("*?[~#")
_ARRAY: Final = r"[A-Za-z_]\w*\+?=\Z"
_BRACE_EXPANSION: Final = r"\{[^{}]*(?:,|\.\.)[^{}]*\}"
_POSITIONAL: Final = r"[@*#1-9]|\{[#!]?[@*1-9]|\{#\}"
_NAME: Final = r"[A-Za-z_]\w*"
_BASH_VARIABLE: Final = r"RANDOM|SECONDS|EPOCH\w+|PIPESTATUS|BASH\w*"
_BASH_PARAMETER: Final = r"(?a)(?P<indirect>![A-Za-z_])|#?[A-Za-z_]\w*(?P<after>[\[^,/@]|:[^-=?+])"
_OPEN_QUOTES: Final = "a quotation mark or a backslash at the end has nothing to close it"


class Scanned(NamedTuple):
    """The tokens of a command line, its bash-only syntax, and whether it uses its arguments (``$1``).

    ``whole``: it has no construct that these rules cannot follow, such as a here-document.
    """

    tokens: tuple[Token, ...]
    bash: tuple[str, ...]
    takes_arguments: bool
    whole: bool


def scan(text: str) -> Scanned:
    """Return the tokens of *text*; ``ValueError``, with a message: a quotation or the like is not closed."""
    scanner = _Scanner(text)
    scanner.run()
    return Scanned(tuple(scanner.tokens), tuple(scanner.bash), scanner.takes_arguments, scanner.whole)


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._at = 0
        self.tokens: Final[list[Token]] = []
        self.bash: Final[dict[str, None]] = {}
        self.takes_arguments = False
        self.whole = True

    def run(self) -> None:
        while self._at < len(self._text) and self.whole:
            start = self._at
            if self._text[start] in _BLANK:
                self._at += 1
            elif self._text.startswith("\\\n", start):
                self._at += 2
            elif self._text[start] == "#":
                self._comment()
            elif self._text.startswith("((", start) and self._is_arithmetic():
                self._note("(( ))")
                self.tokens.append(Token(self._text[start : self._at], start))
            elif self._is_substitution() or not (operator := re.compile(_OPERATORS).match(self._text, start)):
                self.tokens.append(self._word())
            else:
                self._operator(operator[0])

    def _is_arithmetic(self) -> bool:
        """Skip an arithmetic command that begins here; stay if it is a subshell in a subshell."""
        start = self._at
        self._at += 1
        with suppress(ValueError):
            self._parentheses("((")
            if self._text[self._at : self._at + 1] == ")":
                self._at += 1
                return True
        self._at = start
        return False

    def _operator(self, operator: str) -> None:
        if operator in ("<<", "<<-"):
            # The lines after this one are a document, up to its delimiter.
            self.whole = False
        if operator in ("&>>", "<<<", ";;&", ";&", "&>", "|&"):
            self._note(operator)
        self.tokens.append(Token(operator, self._at))
        self._at += len(operator)

    def _word(self) -> Token:
        start, literal, bare = self._at, "", ""
        fixed = True
        while self._at < len(self._text):
            character = self._text[self._at]
            if self._is_substitution():
                self._note(f"{character}( )")
                self._at += 1
                self._parentheses(f"{character}(")
            elif character == "(" and re.match(_ARRAY, bare):
                self._note("arrays")
                self._parentheses("(")
            elif character in _ENDS_WORD:
                break
            else:
                piece = self._piece(character)
                fixed = fixed and piece is not None
                literal += piece or ""
                bare += character if piece == character else "\0"
                continue
            fixed, bare = False, f"{bare}\0"
        if re.search(_BRACE_EXPANSION, bare):
            self._note("{a,b}")
            fixed = False
        text = self._text[start : self._at]
        # Alone it is the name of a command, not a pattern.
        return Token(text, start, literal if fixed else "[" if text == "[" else None, is_word=True)

    def _piece(self, character: str) -> str | None:
        """Skip the piece that begins with *character*; return its value, ``None`` if the shell expands it."""
        start = self._at
        self._at += 1
        if character == "\\":
            self._escaped()
            escaped = self._text[start + 1]
            return "" if escaped == "\n" else escaped
        if character == "'":
            self._at = self._closing("'", self._at)
            return self._text[start + 1 : self._at - 1]
        if character == '"':
            self._double_quoted()
            content = self._text[start + 1 : self._at - 1]
            return None if set("$`\\") & set(content) else content
        if character == "$":
            self._dollar(quoted=False)
            return None
        if character == "`":
            self._backquoted()
            return None
        return None if character in _ACTIVE else character

    def _dollar(self, *, quoted: bool) -> None:
        if re.compile(_POSITIONAL).match(self._text, self._at):
            self.takes_arguments = True
        following = self._text[self._at : self._at + 1]
        if following == "(":
            self._parentheses("$(")
        elif following == "{":
            self._at += 1
            self._parameter(quoted=quoted)
        elif following == "'" and not quoted:
            self._note("$' '")
            self._at += 1
            self._skip_to("'", _OPEN_QUOTES)
        elif name := re.compile(_NAME).match(self._text, self._at):
            self._at = name.end()
            if re.fullmatch(_BASH_VARIABLE, name[0]):
                self._note(f"${name[0]}")

    def _parameter(self, *, quoted: bool) -> None:
        match = re.compile(_BASH_PARAMETER).match(self._text, self._at)
        if match and match["indirect"]:
            self._note("${!NAME}")
        elif match and match["after"] == "[":
            self._note("arrays")
        elif match:
            self._note(f"${{NAME{match['after'][0]}…}}")
        while self._text[self._at : self._at + 1] != "}":
            character = self._character("`${` has nothing to close it")
            if character == "'" and quoted:
                self._at += 1
            else:
                self._piece(character)
        self._at += 1

    def _parentheses(self, opening: str) -> None:
        """Skip the balanced parentheses that begin here, and scan their contents."""
        start, depth = self._at + 1, 0
        arithmetic = opening == "((" or self._text.startswith("((", self._at)
        while True:
            character = self._character(f"`{opening}` has nothing to close it")
            if character == "#" and self._text[self._at - 1] in " \t\n" and not arithmetic:
                self._comment()
                continue
            if character in "()":
                depth += 1 if character == "(" else -1
                self._at += 1
            else:
                self._piece(character)
            if not depth:
                break
        content = self._text[start : self._at - 1]
        # The parentheses of its patterns are not balanced.
        self.whole = self.whole and not re.search(r"\bcase\b", content)
        if not arithmetic:
            self._look_into(content)

    def _backquoted(self) -> None:
        start = self._at
        self._skip_to("`", _OPEN_QUOTES)
        self._look_into(self._text[start : self._at - 1])

    def _look_into(self, script: str) -> None:
        try:
            inner = scan(script)
        except ValueError:
            self.whole = False
            return
        for note in inner.bash:
            self._note(note)
        self.takes_arguments = self.takes_arguments or inner.takes_arguments
        self.whole = self.whole and inner.whole

    def _double_quoted(self) -> None:
        while (character := self._character(_OPEN_QUOTES)) != '"':
            self._at += 1
            if character == "\\":
                self._escaped()
            elif character == "$":
                self._dollar(quoted=True)
            elif character == "`":
                self._backquoted()
        self._at += 1

    def _skip_to(self, closing: str, problem: str) -> None:
        """Skip the next *closing* that is not escaped by a backslash."""
        while (character := self._character(problem)) != closing:
            self._at += 1
            if character == "\\":
                self._escaped()
        self._at += 1

    def _escaped(self) -> None:
        self._character(_OPEN_QUOTES)
        self._at += 1

    def _character(self, problem: str) -> str:
        if self._at >= len(self._text):
            raise ValueError(problem)
        return self._text[self._at]

    def _closing(self, quote: str, start: int) -> int:
        end = self._text.find(quote, start)
        if end < 0:
            raise ValueError(_OPEN_QUOTES)
        return end + 1

    def _comment(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _is_substitution(self) -> bool:
        return self._text.startswith(("<(", ">("), self._at)

    def _note(self, what: str) -> None:
        self.bash[what] = None
