"""Conversion of a command line to the command of a process (Buildpack API, "launch.toml"), and back.

The launcher neither expands variables nor knows operators, but authors of a Procfile expect a shell. So a command
line runs in a shell if it has syntax that only a shell understands; otherwise it is split into words, and the run
image needs no shell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.process.shell._names import NOT_PROGRAMS, RESERVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.process.shell.values import Script

__all__ = ["process_command", "script_of", "takes_arguments", "text_of", "through_shell"]

_SHELLS: Final = frozenset({"sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash"})
# Characters that every shell treats as part of a word.
_SAFE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-./:=@%+,")


def process_command(text: str) -> tuple[str, ...]:
    """Return the command line *text* as a command; ``ValueError``, with a message: something is not closed.

    A command that needs a shell runs with ``sh -c``, or with ``bash -c`` if only bash understands it. Its last
    command replaces the shell, so that it gets the platform's signals itself, and the arguments at launch.
    """
    text = text.strip()
    words = text.split(" ")
    if _SAFE.issuperset(text) and "=" not in words[0] and words[0] not in NOT_PROGRAMS | RESERVED:
        # Most command lines are like this, and parsing them would delay every build.
        return through_shell(tuple(filter(None, words)))
    from layerwright.process.shell.script import read_script

    script = read_script(text)
    return _given_to("sh", script) if script.words is None else through_shell(script.words)


def through_shell(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command *words*; if it is a shell script, its last command replaces the shell."""
    if len(words) != 3 or words[1] != "-c" or words[0] not in _SHELLS:
        return words
    from layerwright.process.shell.script import read_script

    try:
        return _given_to(words[0], read_script(words[2]))
    except ValueError:
        return words


def script_of(words: Sequence[str]) -> Script:
    """Return the properties of the command *words*, which :func:`process_command` may have returned."""
    from layerwright.process.shell.values import Script, Token

    if words[0] in _SHELLS and len(words) > 2 and words[1] == "-c":
        from layerwright.process.shell.script import read_script

        try:
            return read_script(words[2])
        except ValueError as error:
            return Script(words[2], instead=str(error))
    tokens = tuple(Token(text_of([word]), 0, word, is_word=True) for word in words)
    return Script(text_of(words), words=tuple(words), takes_arguments=True, programs=(tokens,))


def takes_arguments(words: Sequence[str]) -> bool:
    """Return whether arguments after *words* reach a program, and not only a shell, which would drop them."""
    if words[0] not in _SHELLS or words[1:2] != ("-c",):
        return True
    from layerwright.process.shell.tokens import scan

    try:
        # The first argument after a script is only the name that the shell gives itself.
        return len(words) > 3 and scan(words[2]).takes_arguments
    except ValueError:
        return False


def text_of(words: Sequence[str]) -> str:
    """Return the command *words* as a command line for a Procfile."""
    if words[0] in _SHELLS and len(words) in (3, 4) and words[1] == "-c":
        return words[2]
    if all(word and _SAFE.issuperset(word) and " " not in word for word in words):
        return " ".join(words)
    import shlex

    return shlex.join(words)


def _given_to(shell: str, script: Script) -> tuple[str, ...]:
    if script.bash and not shell.endswith("bash"):
        shell = "bash"
    # The argument after the script is the name that the shell gives itself; the following ones are the script's.
    return (shell, "-c", script.launched, *((shell,) if script.takes_arguments else ()))
