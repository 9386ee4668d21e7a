"""Collect a Django project's static files. The command itself decides whether there are any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import Command

if TYPE_CHECKING:
    from layerwright import HookContext

__all__ = ["collectstatic"]

_SCRIPT: Final = Path(__file__).with_name("collectstatic_script.py")
# Applications that were built elsewhere before may set this: https://devcenter.heroku.com/articles/django-assets
_SWITCH: Final = "DISABLE_COLLECTSTATIC"


def collectstatic(context: HookContext) -> tuple[Command, ...]:
    """Return the command for a Django project with ``manage.py`` at its top level; empty if it is disabled.

    Only the project's settings say whether it has static files. The command reads them, and prints why it
    collects nothing.
    """
    off = not context.settings.collectstatic or context.environment.get(_SWITCH)
    if off or not context.project.exists("manage.py"):
        return ()
    return (
        Command(
            argv=(str(context.venv / "bin" / "python"), str(_SCRIPT)),
            shown="python manage.py collectstatic --noinput",
            remedy=(
                "Read the last lines of Django's output above.",
                "If its settings need an environment variable (SECRET_KEY, DATABASE_URL…), give it to the build as"
                " well, or give the settings a default that is enough for a build.",
                "Or disable the collection of static files: layerwright config set frameworks.collectstatic false",
            ),
            reference="collectstatic-failed",
        ),
    )
