"""The frameworks plugin by the conformance kit for hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.testing import HookConformance

if TYPE_CHECKING:
    from layerwright.testing import Application


class TestFrameworks(HookConformance):
    plugin = "frameworks"
    distributions = ("django", "gunicorn")

    @staticmethod
    def application(app: Application) -> None:
        app.write(
            "manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
        )
        app.write("shop/settings.py", "STATIC_ROOT = 'static'\n")
        app.write("shop/wsgi.py", "application = None\n")
