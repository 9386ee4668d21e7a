"""A check that the plugin's own source imports only the public API from core."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import layerwright
from layerwright.testing.conformance.trial.verdict import fail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.testing.conformance.trial.subject import Subject

__all__ = ["SourceChecks", "private_imports"]


class SourceChecks:
    """A plugin uses only what core promises to keep."""

    def test_the_plugin_imports_only_the_public_api(self, subject: Subject) -> None:
        """The plugin uses only the names in ``layerwright.__all__`` from core."""
        wrong = [
            f"{file.name}, line {line}: {name}"
            for file in subject.sources
            for line, name in private_imports(file.read_text(encoding="utf-8"))
        ]
        if wrong:
            fail(
                "The plugin imports names that are not in the public API.",
                why="Anything else of core may change in the next version without notice.",
                instead="import names from layerwright itself; open an issue if one is missing.",
                shown=wrong,
            )


def private_imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each non-public part of core that *source*, a Python module, uses."""
    public = {*layerwright.__all__}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name.startswith("layerwright."))
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            module = node.module or ""
            if module.startswith("layerwright."):
                yield node.lineno, module
            elif module == "layerwright":
                yield from ((node.lineno, a.name) for a in node.names if a.name not in public)
        elif isinstance(node, ast.Attribute) and _is_core(node.value) and node.attr not in public:
            yield node.lineno, f"layerwright.{node.attr}"


def _is_core(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "layerwright"
