"""Why a build cannot be used or changed, as errors and as warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.errors import SiteError, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.output.log import Log

__all__ = ["damaged_build", "moved_layers", "not_built", "not_restored", "tell_running"]


def not_built(layers: Path, application: Path, command: str) -> UserError:
    """Return the error for *layers* without a complete build of *application*, which *command* builds."""
    return UserError(
        "The application is not built yet.",
        cause=f"{layers} has no complete build of {application}.",
        remedy=f"Build it: {command}",
        reference="not-built",
    )


def not_restored(cause: str, command: str) -> SiteError:
    """Return the error for an interrupted build that, because of *cause*, cannot be undone."""
    return SiteError(
        "The last build was interrupted, and the build before it cannot be restored.",
        cause=f"{cause}\nOr a build is running, and its lock cannot be read from here.",
        remedy=(
            "If a build is running, wait for it to end.",
            f"Otherwise build as the user of the last build: {command}",
        ),
        reference="stopped-build",
    )


def moved_layers(layers: Path, elsewhere: Path, command: str) -> UserError:
    """Return the error for *layers* whose virtual environment runs the interpreter in *elsewhere*."""
    return UserError(
        "These layers were built in another directory.",
        cause=f"They are in {layers}, and their virtual environment runs the interpreter in {elsewhere}.",
        remedy=(
            f"Build them here: {command}",
            "Or use them where they were built. Layers can be neither copied nor moved.",
        ),
        reference="moved-layers",
    )


def damaged_build(error: ValueError) -> SiteError:
    """Return the error for a file of the build that *error* says cannot be read."""
    return SiteError(
        "The build is damaged.", cause=str(error), remedy="Build again.", reference="damaged-build"
    )


def tell_running(processes: Sequence[int] | None, log: Log) -> None:
    """Warn of *processes* that run from the layers that a build is about to change; ``None``: there are none."""
    if processes is None:
        return
    who = f"PID {', '.join(map(str, processes))}" if processes else "A process"
    log.warning(
        f"{who} runs from these layers; restart it afterwards.\n"
        "It may import files of this build that do not match those that it has already imported."
    )
