"""The frameworks plugin of Layerwright: what Django, Flask and FastAPI applications need beyond their environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import Command, HookContext, ProposedProcess

__all__ = ["layerwright_post_install", "layerwright_processes", "layerwright_settings"]


@hookimpl
def layerwright_settings() -> type | None:
    """Have a table for this plugin."""
    from layerwright_frameworks.settings import FrameworksSettings

    return FrameworksSettings


@hookimpl
def layerwright_processes(context: HookContext) -> Iterable[ProposedProcess]:
    """Propose a web process for the one framework that the application is made with."""
    if not context.distributions & {"django", "fastapi", "flask"}:
        return ()
    from layerwright_frameworks.proposals import proposals

    return proposals(context.project, context.distributions)


@hookimpl
def layerwright_post_install(context: HookContext) -> Iterable[Command]:
    """Have Django's static files collected."""
    if "django" not in context.distributions:
        return ()
    from layerwright_frameworks.static_files import collectstatic

    return collectstatic(context)
