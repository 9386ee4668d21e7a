"""Tells the log what a build has chosen, and what its commands print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.notices.stray_files import stray_files
from layerwright.output.verbosity import VARIABLE, Verbosity

if TYPE_CHECKING:
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.output.log import Log
    from layerwright.output.tool_output import ToolOutput

__all__ = ["elsewhere", "tell_choices", "tell_command", "tell_output"]


def tell_choices(request: BuildRequest, prepared: Prepared, log: Log) -> None:
    """Tell *log* which application and which package manager were chosen, with warnings about the choice."""
    if request.choice is not None:
        log.heading("Application directory")
        log.note(request.choice.words)
        for warning in request.choice.warnings:
            log.warning(warning)
    log.heading("Package manager")
    log.note(f"{prepared.manager.display_name}, because {prepared.reason}")
    for words in prepared.words:
        log.note(words)
    for warning in (*prepared.warnings, *stray_files(request.project)):
        log.warning(warning)


def tell_command(words: str, log: Log, output: ToolOutput) -> None:
    """Tell *log* and *output* that the command with these *words* begins."""
    log.command(words)
    output.command(words)


def tell_output(line: str, log: Log, output: ToolOutput) -> None:
    """Pass *line*, which a command has printed, to *log* and *output*."""
    log.output(line)
    output.line(line)


def elsewhere(request: BuildRequest) -> str:
    """Return where a reader finds what a command has printed, if the log does not have it."""
    if request.output is not None:
        return f"All of its output is in {request.output}"
    return f"To see all of its output, build with {VARIABLE}={Verbosity.VERBOSE}."
