"""What a declared package manager has; not among the planted ones, which import the public API alone."""

from __future__ import annotations

from layerwright.plugins.declarative._model import Declaration, DetectTable, EnvironmentTable, ToolTable
from layerwright.plugins.declarative.manager import DeclaredPackageManager


class ByTwoFiles(DeclaredPackageManager):
    """Declares two files that show it."""

    declaration = Declaration(
        name="tiny",
        display_name="Tiny",
        detect=DetectTable(files=("tiny.lock", "tiny.toml")),
        tool=ToolTable(distribution="tiny"),
        environment=EnvironmentTable(commands=()),
    )
