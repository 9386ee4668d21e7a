"""The programs that start processes in an image: POSIX shell scripts that become the process.

They are where platforms have such programs, ``/cnb/process/TYPE``, so that manifests work with both kinds of images.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.cnb.launch import Process

__all__ = ["START", "process_program", "start_of", "start_programs"]

START: Final = "/cnb/start"
"""The entry point: its first argument is a process type, or ``--`` before a command."""
_PROCESS: Final = "/cnb/process"


def process_program(process: str) -> str:
    """Return the path of the program that starts the process type *process*."""
    return f"{_PROCESS}/{process}"


def start_programs(
    processes: Sequence[Process],
    every: Mapping[str, str],
    environments: Mapping[str, Mapping[str, str]],
    directory: str,
) -> dict[str, str]:
    """Return the text of each program by its path.

    *every* are the variables of the image, *environments* those that only one process type has, or has with other
    values. *directory* is the application directory, in which an image starts.
    """
    programs = {
        process_program(process.type): _program(process, every, environments.get(process.type, {}), directory)
        for process in processes
    }
    return {START: _start(processes), **programs}


def start_of(processes: Sequence[Process], directory: str) -> dict[str, Any]:
    """Return the settings of an image without a shell that start the default process itself, if there is one."""
    default = next((process for process in processes if process.default), None)
    if default is None:
        return {}
    where = {"WorkingDir": _directory(default, directory)}
    return {"Entrypoint": [*default.command], **({"Cmd": [*default.args]} if default.args else {}), **where}


def _start(processes: Sequence[Process]) -> str:
    default = next((process.type for process in processes if process.default), None)
    lines = ["#!/bin/sh", 'case "${1-}" in']
    lines += [f'{each.type}) shift; exec {process_program(each.type)} "$@" ;;' for each in processes]
    lines += ['--) shift; exec "$@" ;;', "esac"]
    if default is not None:
        lines.append(f'exec {process_program(default)} "$@"')
    else:
        types = ", ".join(process.type for process in processes)
        known = f"Name one of: {types}" if types else "There are none"
        words = f"This image has no default process. {known}; or run a command: -- COMMAND"
        lines += ['[ "$#" -eq 0 ] || exec "$@"', f"echo {shlex.quote(words)} >&2", "exit 64"]
    return "\n".join((*lines, ""))


def _program(
    process: Process, every: Mapping[str, str], environment: Mapping[str, str], directory: str
) -> str:
    lines = ["#!/bin/sh"]
    for name, value in environment.items():
        # A variable that is given at the start has precedence, as over one of the image.
        given = f'[ "${name}" != {shlex.quote(every[name])} ]' if name in every else f'[ -n "${{{name}+x}}" ]'
        lines.append(f"{given} || export {name}={shlex.quote(value)}")
    where = _directory(process, directory)
    lines.append(f"cd {shlex.quote(where)} || exit")
    if process.args:
        lines.append(f'[ "$#" -gt 0 ] || set -- {shlex.join(process.args)}')
    lines.append(f'exec {shlex.join(process.command)} "$@"')
    return "\n".join((*lines, ""))


def _directory(process: Process, directory: str) -> str:
    where = process.working_directory or ""
    return where if where.startswith("/") else f"{directory}/{where}".rstrip("/")
