"""What a declared package manager has; not among the planted ones, which import the public API alone."""

from __future__ import annotations

from layerwright.declarative.manager import DeclaredPackageManager
from layerwright.declarative.model import Declaration, DetectTable, EnvironmentTable, ToolTable


class ByTwoFiles(DeclaredPackageManager):
    """Declares two files that show it."""

    declaration = Declaration(
        name="tiny",
        display_name="Tiny",
        detect=DetectTable(files=("tiny.lock", "tiny.toml")),
        tool=ToolTable(distribution="tiny"),
        environment=EnvironmentTable(commands=()),
    )
