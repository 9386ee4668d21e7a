"""A plugin that reads a file of the virtual environment, the one that the file ``reads`` of the application names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import hookimpl

if TYPE_CHECKING:
    from layerwright import HookContext, ProposedProcess


@hookimpl
def layerwright_processes(context: HookContext) -> list[ProposedProcess]:
    (context.venv / context.project.text("reads")).read_text()
    return []
