"""The application's processes: what the configuration, the Procfile and the plugins say, brought together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.cnb.launch import Process
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.project import Project

__all__ = ["FoundProcess", "command", "in_procfile", "processes", "without_launcher"]

PROCFILE: Final = "Procfile"
_PROCFILE_LINE: Final = re.compile(r"(?P<type>[0-9A-Za-z_-]+)\s*:\s*(?P<command>\S.*)")

_TOKEN: Final = re.compile(r"""\\[^\n]|'[^']*'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>.)""", re.DOTALL)
_ASSIGNMENTS: Final = re.compile(
    r"""\A(?:[A-Za-z_][0-9A-Za-z_]*=(?:\\.|'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"\\])*\s+)*""", re.DOTALL
)
_CONTROL: Final = frozenset("&|;()\n")
_OUTSIDE: Final = _CONTROL | frozenset("$`<>*?[~#")
# The backslash, because a shell and shlex agree on what it does in front of another quotation mark only.
_IN_QUOTES: Final = frozenset("$`\\")
_BUILTINS: Final = frozenset(
    {".", "cd", "eval", "exec", "export", "set", "source", "trap", "ulimit", "umask", "unset"}
)


class FoundProcess(NamedTuple):
    """A process, and the place that names it: ``Procfile``, ``layerwright.toml: processes.web``, a plugin."""

    process: Process
    origin: str


def processes(
    configured: Iterable[FoundProcess], project: Project, proposals: Iterable[FoundProcess]
) -> tuple[FoundProcess, ...]:
    """Return the process types by name: the *configured* ones, then the Procfile's, then *proposals*.

    At most one is the default: the one that the configuration marks, else ``web``, else the first proposal
    that is marked, else the only one. ``UserError``: the Procfile is malformed, or a type is proposed more than once
    and nothing else decides.
    """
    configured = tuple(configured)
    found: dict[str, FoundProcess] = {}
    for candidate in (*configured, *in_procfile(project)):
        found.setdefault(candidate.process.type, candidate)
    proposed_for: dict[str, list[FoundProcess]] = {}
    for proposal in proposals:
        if proposal.process.type not in found:
            proposed_for.setdefault(proposal.process.type, []).append(proposal)
    for type_, rivals in proposed_for.items():
        if len(rivals) > 1:
            raise _several(type_, rivals)
        found[type_] = rivals[0]
    decided = [process.type for process, _ in configured if process.default]
    conventional = [type_ for type_ in found if type_ == "web"]
    proposed = [type_ for type_, (process, _) in found.items() if process.default]
    only = list(found) if len(found) == 1 else []
    default = next(iter((*decided, *conventional, *proposed, *only)), None)
    return tuple(
        FoundProcess(replace(process, default=type_ == default), origin)
        for type_, (process, origin) in sorted(found.items())
    )


def command(text: str) -> tuple[str, ...]:
    """Return the command line *text* as a command; ``ValueError`` with words when it is not one.

    Nothing at launch expands variables or knows operators (Buildpack specification, "launch.toml"), but
    authors of a Procfile count on a shell. So *text* goes to ``sh -c`` when it holds what only a shell
    understands, and is split into words otherwise: then a run image with no shell will do.
    """
    import shlex

    text = text.strip()
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation mark or a backslash at the end has nothing to close it") from None
    syntax = _shell_syntax(text)
    rest = _ASSIGNMENTS.sub("", text, count=1)
    assignments = text.removesuffix(rest)
    builtin = rest.partition(" ")[0] in _BUILTINS
    if not (syntax or assignments or builtin):
        return tuple(words)
    if builtin or syntax & _CONTROL:
        return ("sh", "-c", text)
    # The shell makes way for the process, which then gets the platform's signals itself.
    return ("sh", "-c", f"{assignments}exec {rest}")


def without_launcher(process: Process, launchers: Iterable[str]) -> str:
    """Say how to write *process* without the one of *launchers* that starts it; nothing where none does."""
    text = _ASSIGNMENTS.sub("", _text(process), count=1).removeprefix("exec ")
    for launcher in launchers:
        if re.match(rf"{re.escape(launcher)}\s", text):
            rest = text[len(launcher) :].lstrip()
            # Which of its options have a value of their own is not known here.
            if rest.startswith("-"):
                return f"Write the command itself, without `{launcher}` and its options: it is on PATH."
            python = "python " if rest.split()[0].endswith(".py") else ""
            return f"Write the command itself, which is on PATH: {python}{rest}"
    return ""


def _several(type_: str, rivals: Sequence[FoundProcess]) -> UserError:
    import json

    lines = dict.fromkeys(
        f"{type_} = {json.dumps(_text(rival.process), ensure_ascii=False)}" for rival in rivals
    )
    return UserError(
        f"More than one plugin proposes the process type {type_}.",
        cause="\n".join(f"{rival.origin}: {_text(rival.process)}" for rival in rivals),
        remedy=(
            "Say which one it is, in [tool.layerwright.processes] of pyproject.toml or in [processes] of"
            f" layerwright.toml: {' or '.join(lines)}",
            "Or name the plugin that is not needed in LAYERWRIGHT_DISABLE_PLUGINS.",
        ),
        reference="several-processes",
    )


def _text(process: Process) -> str:
    """Return *process* as the command line that a Procfile would have."""
    import shlex

    argv = (*process.command, *process.args)
    return argv[-1] if argv[:-1] == ("sh", "-c") else shlex.join(argv)


def _shell_syntax(text: str) -> frozenset[str]:
    found: set[str] = set()
    for token in _TOKEN.finditer(text):
        if token["quoted"]:
            found |= _IN_QUOTES & set(token["quoted"])
        elif token["bare"]:
            found |= _OUTSIDE & {token["bare"]}
    return frozenset(found)


def in_procfile(project: Project) -> tuple[FoundProcess, ...]:
    """Return the processes of the Procfile, none where there is no such file; a ``UserError`` if it is malformed."""
    if not project.exists(PROCFILE):
        return ()
    if project.is_outside(PROCFILE):
        raise _outside(project)
    text = project.text(PROCFILE)
    found: dict[str, FoundProcess] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = _PROCFILE_LINE.fullmatch(line)
        if match is None:
            problems.append(f'Line {number} is not "type: command": {project.quoted(PROCFILE, line)}')
        elif match["type"] in found:
            problems.append(f"Line {number} names the process type {match['type']} again.")
        else:
            try:
                process = Process(type=match["type"], command=command(match["command"]))
            except ValueError as error:
                problems.append(f"Line {number}: {error}.")
            else:
                found[process.type] = FoundProcess(process, PROCFILE)
    if problems:
        raise UserError(
            f"The {PROCFILE} is malformed.",
            cause="\n".join(problems),
            remedy="Write one line for each process type, for example: web: gunicorn app:app",
            reference="malformed-procfile",
        )
    return tuple(found.values())


def _outside(project: Project) -> UserError:
    # Nothing of it may be shown, and each line of /etc/shadow is a type and a command.
    return UserError(
        f"The {PROCFILE} lies outside of the application.",
        cause=f"It is a link that leads to {project.path(PROCFILE).resolve()}.",
        remedy="Put the file itself there.",
        reference="malformed-procfile",
    )
