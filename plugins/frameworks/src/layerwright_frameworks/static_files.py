"""Collect a Django project's static files. The command itself decides whether there are any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import Command
from layerwright_frameworks.django_project import directory_of, may_have_static_root

if TYPE_CHECKING:
    from layerwright import HookContext

__all__ = ["collectstatic"]

_SCRIPT: Final = Path(__file__).with_name("collectstatic_script.py")
# Applications that were built elsewhere before may set this: https://devcenter.heroku.com/articles/django-assets
_SWITCH: Final = "DISABLE_COLLECTSTATIC"


def collectstatic(context: HookContext) -> tuple[Command, ...]:
    """Return the command for a Django project; empty if it is disabled, or the settings have no ``STATIC_ROOT``.

    The settings may mention it and still leave nothing to collect. The command reads them, and prints why.
    """
    if not context.settings.collectstatic or context.environment.get(_SWITCH):
        return ()
    directory = directory_of(context.project)
    if directory is None or not may_have_static_root(context.project, directory, context.environment):
        return ()
    return (
        Command(
            argv=(str(context.venv / "bin" / "python"), str(_SCRIPT)),
            cwd=context.project.path(directory) if directory else None,
            shown=f"python manage.py collectstatic --noinput{directory and f'  (in {directory})'}",
            remedy=(
                "Read the last lines of Django's output.",
                "If its settings need an environment variable (SECRET_KEY, DATABASE_URL…), give it to the build as"
                " well, or give the settings a default that is enough for a build.",
                "Or disable the collection of static files: layerwright config set frameworks.collectstatic false",
            ),
            reference="collectstatic-failed",
        ),
    )
