"""A command line as a script: the programs that it starts, and how its last command replaces the shell.

A shell that waits for its last command keeps the signals for itself: the platform's SIGTERM never reaches the server.
With ``exec`` before the last command no shell remains, and with ``"$@"`` after it the arguments at launch reach it.
Scripts that these rules do not understand stay unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.process.shell._commands import NotUnderstood, commands
from layerwright.process.shell._dialect import bashisms
from layerwright.process.shell._names import NOT_PROGRAMS
from layerwright.process.shell.tokens import scan
from layerwright.process.shell.values import Script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.process.shell._commands import Last, Simple
    from layerwright.process.shell.values import Token

__all__ = ["read_script"]

ARGUMENTS: Final = '"$@"'
_ALSO_PROGRAMS: Final = frozenset({"[", "echo", "false", "kill", "printf", "pwd", "test", "true"})
_MOVES: Final = frozenset({"cd", "pushd", "popd"})


def read_script(text: str) -> Script:
    """Return the properties of the command line *text*; ``ValueError``, with a message: something is not closed."""
    scanned = scan(text)
    bash = tuple(dict.fromkeys((*scanned.bash, *bashisms(scanned.tokens))))
    try:
        if not scanned.whole:
            raise NotUnderstood
        simple, last = commands(scanned.tokens)
    except NotUnderstood:
        words = () if not scanned.tokens else None
        instead = "" if not scanned.tokens else "is not clear from its text"
        takes = scanned.takes_arguments
        return Script(text, words=words, launched=text, takes_arguments=takes, instead=instead, bash=bash)
    script = Script(
        text,
        launched=text,
        takes_arguments=scanned.takes_arguments,
        bash=bash,
        programs=() if any(map(_sets_path, simple)) else tuple(filter(None, map(_program, simple))),
        moves=any(each.name in _MOVES for each in simple),
    )
    if last.commands == simple and any(_is_plain(each, scanned.tokens) for each in simple):
        script = script._replace(words=tuple(token.literal or "" for token in simple[0].words))
    if any(each.name == "trap" for each in simple):
        return script
    return _launched(script, last)


def _launched(script: Script, last: Last) -> Script:
    instead, inserted = last.instead, {}
    for simple in last.commands:
        reason = _not_a_program(simple)
        if reason:
            instead = instead or reason
            continue
        if simple.name != "exec":
            inserted[simple.words[0].start] = "exec "
        if not script.takes_arguments:
            inserted[simple.words[-1].end] = f" {ARGUMENTS}"
    text = script.text
    for place, addition in sorted(inserted.items(), reverse=True):
        text = f"{text[:place]}{addition}{text[place:]}"
    takes_arguments = script.takes_arguments or bool(inserted)
    return script._replace(launched=text, takes_arguments=takes_arguments, instead=instead)


def _not_a_program(simple: Simple) -> str:
    if not simple.words:
        return "sets variables"
    if simple.name in NOT_PROGRAMS and (simple.name != "exec" or len(simple.words) == 1):
        return f"is `{simple.name}`, which is built into the shell"
    return ""


def _is_plain(simple: Simple, tokens: Sequence[Token]) -> bool:
    """Return whether *tokens* are exactly the words of *simple*, and each is literal."""
    literal = all(token.literal is not None for token in simple.words)
    return literal and simple.words == tokens and simple.name not in NOT_PROGRAMS


def _program(simple: Simple) -> tuple[Token, ...]:
    words = simple.words[1:] if simple.name == "exec" else simple.words
    name = words[0].literal if words else None
    if not simple.certain or not name or name.startswith("-") or name in NOT_PROGRAMS | _ALSO_PROGRAMS:
        return ()
    return tuple(token for token in words if token.text != ARGUMENTS)


def _sets_path(simple: Simple) -> bool:
    exported = simple.words[1:] if simple.name == "export" else ()
    return any(token.text.startswith("PATH=") for token in (*simple.assignments, *exported))
