"""The plugin keeps to what every plugin with hooks must keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.testing import HookConformance

if TYPE_CHECKING:
    from layerwright.testing import Application


class TestNltk(HookConformance):
    plugin = "nltk"
    distributions = ("nltk",)

    @staticmethod
    def application(app: Application) -> None:
        app.write("nltk.txt", "punkt_tab\nstopwords\n")
