"""Chooses what ``layerwright run`` starts, among the processes of a build and the commands of its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.cnb.launch import Process

__all__ = ["choose_process", "find_program"]


def choose_process(
    processes: Mapping[str, Process], name: str | None, layers_option: str, named: str, app: Path
) -> Process | None:
    """Return the process type *name*, by default the default one; ``None``: *name* is not a process type.

    *layers_option* and *named* are the words of a command for the application at *app*. ``UserError``: there is no
    default process.
    """
    if name is not None:
        return processes.get(name)
    default = next((process for process in processes.values() if process.default), None)
    if default is None and not processes:
        raise UserError(
            "The application has no process to run.",
            cause="Neither the configuration nor a Procfile defined one, and no plugin proposed one.",
            remedy=(
                f"See what plugins looked for: layerwright explain {layers_option}{named}",
                'Write one into a file named Procfile ("web: gunicorn app:app"), or into'
                " [tool.layerwright.processes] of pyproject.toml, and build again.",
                f"Or run a command: layerwright run {layers_option}--app {app} python FILE",
            ),
            reference="no-process",
        )
    if default is None:
        raise UserError(
            "There is no default process.",
            cause=f"The process types are: {', '.join(processes)}.",
            remedy=(
                f"Choose one: layerwright run {layers_option}--app {app} PROCESS",
                'Or add a process type "web" to [tool.layerwright.processes] or to a Procfile, and build again.',
            ),
            reference="no-default-process",
        )
    return default


def find_program(name: str, path: str, types: Iterable[str]) -> str:
    """Return the program *name* on *path*; ``UserError``: it is not there, and is none of the process *types*."""
    import shutil

    found = shutil.which(name, path=path)
    if found is None:
        raise UserError(
            f"{name} is neither a process type nor a command in the launch environment.",
            cause=f"The process types are: {', '.join(types) or 'none'}.\nPATH is {path}",
            remedy="Pass a process type, or a command that the application's dependencies install.",
            reference="no-such-process",
        )
    return found
