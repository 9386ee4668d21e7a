"""Bash-only syntax, by the commands and reserved words of a command line.

The POSIX shell of many images is dash, which treats most of it as names of programs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from layerwright.process.shell.values import Token

__all__ = ["bashisms"]

_BEFORE_COMMANDS: Final = frozenset({"\n", ";", "&", "&&", "|", "||", "|&", "(", ")", ";;", ";&", ";;&"})
_LEADING: Final = frozenset({"!", "{", "do", "elif", "else", "if", "then", "time", "until", "while"})
_OF_BASH: Final = frozenset(
    {
        "[[",
        "builtin",
        "compgen",
        "complete",
        "coproc",
        "declare",
        "dirs",
        "disown",
        "enable",
        "function",
        "let",
    }
    | {"mapfile", "popd", "pushd", "readarray", "select", "shopt", "source", "time", "typeset"}
)
# As text: most command lines need none of them, and compiling one takes longer than reading a line.
_OF_BASH_IN: Final = {
    "[": r"==",
    "echo": r"-[neE]*[eE][neE]*",
    "exec": r"-[acl]",
    "kill": r"-SIG[A-Z]+",
    "printf": r"-v",
    "read": r"-[adnNstu]\w*",
    "set": r"pipefail|errtrace|functrace|-E\w*",
    "test": r"==",
    "trap": r"SIG[A-Z]+|ERR|DEBUG|RETURN",
    "wait": r"-n",
}
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*(?P<bash>\[[^]]*\]=|\+=)?(?(bash)|=)")
_REDIRECTIONS: Final = frozenset({"<", ">", ">>", "<&", ">&", "<>", ">|", "&>", "&>>", "<<<"})


def bashisms(tokens: Iterable[Token]) -> Iterator[str]:
    """Yield each command, reserved word and argument among *tokens* that a POSIX shell does not support."""
    at_command, command, is_target = True, "", False
    for token in tokens:
        if not token.is_word:
            is_target = token.text in _REDIRECTIONS
            at_command = at_command or token.text in _BEFORE_COMMANDS
        elif is_target:
            is_target = False
        elif at_command:
            if match := _ASSIGNMENT.match(token.text):
                if match["bash"]:
                    yield "arrays" if match["bash"][0] == "[" else "+="
                continue
            if token.text in _OF_BASH:
                yield token.text
            at_command = token.text in _LEADING
            command = token.text
        elif command in _OF_BASH_IN and re.fullmatch(_OF_BASH_IN[command], token.text):
            yield f"{command} {token.text}"
