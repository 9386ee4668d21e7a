"""The application's processes: those of the configuration, the Procfile and the plugins, merged."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.cnb.launch import Process
from layerwright.errors import UserError
from layerwright.process.shell.process_command import process_command, text_of, through_shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.files.project import Project

__all__ = ["FoundProcess", "in_procfile", "processes"]

PROCFILE: Final = "Procfile"
_PROCFILE_LINE: Final = r"(?P<type>[0-9A-Za-z_-]+)\s*:\s*(?P<command>\S.*)"


class FoundProcess(NamedTuple):
    """A process and its origin: ``Procfile``, ``layerwright.toml: processes.web``, or a plugin."""

    process: Process
    origin: str


def processes(
    configured: Iterable[FoundProcess], project: Project, proposals: Iterable[FoundProcess]
) -> tuple[FoundProcess, ...]:
    """Return the process types by name: the *configured* ones, then the Procfile's, then *proposals*.

    The process ``web`` of a script runs the script, whatever is proposed.

    At most one is the default: the one that the configuration marks, else ``web``, else the first marked proposal,
    else the only one. ``UserError``: the Procfile is malformed, or a type is proposed more than once and nothing else
    decides. If *project* is a directory in its source tree, every process gets a working directory.
    """
    configured = tuple(configured)
    found: dict[str, FoundProcess] = {}
    for candidate in (*configured, *in_procfile(project), *_of_script(project)):
        found.setdefault(candidate.process.type, candidate)
    proposed_for: dict[str, list[FoundProcess]] = {}
    for proposal in proposals:
        if proposal.process.type not in found:
            proposed_for.setdefault(proposal.process.type, []).append(_taking_arguments(proposal))
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
        FoundProcess(_in_place(replace(process, default=type_ == default), project), origin)
        for type_, (process, origin) in sorted(found.items())
    )


def _in_place(process: Process, project: Project) -> Process:
    """Return *process* with its working directory, if the application is a directory in its source tree.

    A platform starts processes at the top of the tree (Buildpack API, "launch.toml").
    """
    if project.root == project.tree:
        return process
    directory = os.path.normpath(project.path(process.working_directory or ""))
    return replace(process, working_directory=directory)


def _of_script(project: Project) -> tuple[FoundProcess, ...]:
    if not project.script:
        return ()
    process = Process(type="web", command=("python", project.script))
    return (FoundProcess(process, "the script itself"),)


def _several(type_: str, rivals: Sequence[FoundProcess]) -> UserError:
    import json

    lines = dict.fromkeys(f"{type_} = {json.dumps(_text(rival), ensure_ascii=False)}" for rival in rivals)
    return UserError(
        f"More than one plugin proposes the process type {type_}.",
        cause="\n".join(f"{rival.origin}: {_text(rival)}" for rival in rivals),
        remedy=(
            "Say which one it is, in [tool.layerwright.processes] of pyproject.toml or in [processes] of"
            f" layerwright.toml: {' or '.join(lines)}",
            "Or disable a plugin by naming it in LAYERWRIGHT_DISABLE_PLUGINS.",
        ),
        reference="several-processes",
    )


def _taking_arguments(found: FoundProcess) -> FoundProcess:
    """Return *found* so that arguments at launch reach the command of its script, if it is a shell script."""
    process = found.process
    # With its own arguments, it may rely on their position.
    return (
        found
        if process.args
        else found._replace(process=replace(process, command=through_shell(process.command)))
    )


def _text(found: FoundProcess) -> str:
    return text_of((*found.process.command, *found.process.args))


def in_procfile(project: Project) -> tuple[FoundProcess, ...]:
    """Return the processes of the Procfile, none if it does not exist; ``UserError``: it is malformed."""
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
        match = re.fullmatch(_PROCFILE_LINE, line)
        if match is None:
            problems.append(f'Line {number} is not "type: command": {project.quoted(PROCFILE, line)}')
        elif match["type"] in found:
            problems.append(f"Line {number} defines the process type {match['type']} again.")
        else:
            try:
                process = Process(type=match["type"], command=process_command(match["command"]))
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
    # Its content must not be shown: each line of /etc/shadow reads as a type and a command.
    return UserError(
        f"The {PROCFILE} is outside the application.",
        cause=f"It is a link to {project.path(PROCFILE).resolve()}.",
        remedy="Replace the link with the file itself.",
        reference="malformed-procfile",
    )
