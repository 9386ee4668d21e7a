"""Built-in commands of the shell, for which there is no program."""

from __future__ import annotations

from typing import Final

__all__ = ["NOT_PROGRAMS", "RESERVED"]

NOT_PROGRAMS: Final = frozenset(
    {
        ".",
        ":",
        "alias",
        "bg",
        "break",
        "builtin",
        "caller",
        "cd",
        "command",
        "compgen",
        "complete",
        "continue",
    }
    | {"declare", "dirs", "disown", "enable", "eval", "exec", "exit", "export", "fc", "fg", "getopts", "hash"}
    | {
        "history",
        "jobs",
        "let",
        "local",
        "logout",
        "mapfile",
        "popd",
        "pushd",
        "read",
        "readarray",
        "readonly",
    }
    | {"return", "set", "shift", "shopt", "source", "suspend", "times", "trap", "type", "typeset", "ulimit"}
    | {"umask", "unalias", "unset", "wait"}
)
RESERVED: Final = frozenset(
    {
        "!",
        "{",
        "}",
        "[[",
        "]]",
        "case",
        "coproc",
        "do",
        "done",
        "elif",
        "else",
        "esac",
        "fi",
        "for",
        "function",
    }
    | {"if", "in", "select", "then", "time", "until", "while"}
)
