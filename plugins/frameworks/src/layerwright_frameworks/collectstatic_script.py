"""Does what ``python manage.py collectstatic --noinput`` does, unless the project's settings leave nothing to collect.

The application's own interpreter runs it, in the application directory. manage.py is run as it is, because what it does
before it hands over to Django (read a file of variables, choose the settings) is the project's own.
"""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Run manage.py, and step in where it hands over to Django."""
    # It has this script's directory, and would have that in which manage.py really lies, should it be a link.
    sys.path[0] = os.path.dirname(os.path.realpath("manage.py"))  # noqa: PTH120  # a string is what belongs there
    from django.core import management  # type: ignore[import-not-found,unused-ignore]

    execute = management.execute_from_command_line

    def execute_where_it_applies(argv: list[str] | None = None) -> None:
        reason = why_not()
        if reason:
            print(f"No static files are collected: {reason}.")  # noqa: T201  # the log shows it
        else:
            execute(argv)

    management.execute_from_command_line = execute_where_it_applies
    sys.argv = ["manage.py", "collectstatic", "--noinput"]
    runpy.run_path("manage.py", run_name="__main__")


def why_not() -> str:
    """Return why the project's settings leave nothing to collect; nothing where they do not."""
    import django  # type: ignore[import-not-found,unused-ignore]
    from django.apps import apps  # type: ignore[import-not-found,unused-ignore]
    from django.conf import settings  # type: ignore[import-not-found,unused-ignore]

    django.setup()
    if not apps.is_installed("django.contrib.staticfiles"):
        return "django.contrib.staticfiles is not among INSTALLED_APPS"
    return "" if settings.STATIC_ROOT else "STATIC_ROOT is not set"


if __name__ == "__main__":
    main()
