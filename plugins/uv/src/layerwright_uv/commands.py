"""The commands of uv: their environment, and what to do when one fails."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from layerwright import Command
from layerwright_uv.configuration import WITHOUT_EFFECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright import Diagnosis, EnvironmentRequest
    from layerwright_uv.lock_file import Lock

__all__ = ["command"]


def command(
    request: EnvironmentRequest,
    arguments: tuple[str, ...],
    *,
    shown: str,
    stale: str,
    lock: Lock,
) -> Command:
    """Return the command of uv with *arguments*; *stale* says what to do if *lock* does not match the application."""
    return Command(
        argv=(str(request.tool.layer / "bin" / "uv"), *arguments, "--no-progress"),
        env={
            **dict.fromkeys(WITHOUT_EFFECT),
            "UV_CACHE_DIR": str(request.cache),
            "UV_LINK_MODE": "hardlink",
            "UV_NO_CACHE": "0",
            "UV_PROJECT_ENVIRONMENT": str(request.venv),
            "UV_PYTHON_DOWNLOADS": "never",
            # With another preference in the application's table, uv replaces the virtual environment.
            "UV_PYTHON_PREFERENCE": "only-system",
            "VIRTUAL_ENV": str(request.venv),
        },
        cwd=request.project.root,
        shown=shown,
        remedy=(
            stale,
            "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
            "If the package index could not be reached, check uv's index settings, then build again.",
        ),
        reference="uv-sync-failed",
        diagnoses=_diagnoses(lock),
    )


@cache
def _diagnoses(lock: Lock) -> Callable[[], tuple[Diagnosis, ...]]:
    """Return a function that returns the diagnoses, because only a failure needs them; the same for equal locks."""

    def late() -> tuple[Diagnosis, ...]:
        from layerwright_uv.diagnoses import diagnoses

        return diagnoses(lock)

    return late
