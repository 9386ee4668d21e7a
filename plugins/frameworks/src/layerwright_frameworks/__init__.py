"""The frameworks plugin of Layerwright: processes for applications by what they import, and Django's static files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import Command, HookContext, NotProposed, ProposedProcess

__all__ = ["layerwright_post_install", "layerwright_processes", "layerwright_settings"]


@hookimpl
def layerwright_settings() -> type | None:
    """Return the settings of this plugin's table."""
    from layerwright_frameworks.settings import FrameworksSettings

    return FrameworksSettings


@hookimpl
def layerwright_processes(context: HookContext) -> Iterable[ProposedProcess | NotProposed]:
    """Propose a web process and a worker, if it is clear which ones."""
    from layerwright_frameworks.proposals import proposals

    return proposals(context.project, context.distributions)


@hookimpl
def layerwright_post_install(context: HookContext) -> Iterable[Command]:
    """Collect Django's static files."""
    # Beside a script, a Django project is another application.
    if "django" not in context.distributions or context.project.script:
        return ()
    from layerwright_frameworks.static_files import collectstatic

    return collectstatic(context)
