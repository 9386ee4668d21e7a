"""Run ``python manage.py collectstatic --noinput``, unless the project's settings leave nothing to collect.

The application's own interpreter runs this script in the application directory. manage.py runs unchanged, because a
project may do more there before it calls Django: read a file of variables, choose the settings.
"""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Run manage.py, and intercept its call to Django."""
    # Now it is this script's directory. `python manage.py` would set that of manage.py, with links resolved.
    sys.path[0] = os.path.dirname(os.path.realpath("manage.py"))  # noqa: PTH120  # sys.path has strings
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
    """Return why the project's settings leave nothing to collect; empty if there may be something."""
    import django  # type: ignore[import-not-found,unused-ignore]
    from django.apps import apps  # type: ignore[import-not-found,unused-ignore]
    from django.conf import settings  # type: ignore[import-not-found,unused-ignore]

    django.setup()
    if not apps.is_installed("django.contrib.staticfiles"):
        return "django.contrib.staticfiles is not among INSTALLED_APPS"
    return "" if settings.STATIC_ROOT else "STATIC_ROOT is not set"


if __name__ == "__main__":
    main()
