"""Find scripts of a project that run a server themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from layerwright_frameworks import source

if TYPE_CHECKING:
    from layerwright import Project

__all__ = ["runs_server"]

_RUN: Final = frozenset({"hypercorn.run", "uvicorn.run", "waitress.serve"})
_WHERE: Final = frozenset({"host", "port"})


def runs_server(project: Project, target: str) -> bool:
    """Return whether the function *target*, ``module:name``, runs a server where its settings say.

    It does if it passes a host, and a port that is not a number in the source: otherwise the server would not listen
    where the platform expects it.
    """
    found, name = source.target_of(project, target)
    if found is None:
        return False
    functions = (s for s in found.statements if isinstance(s, ast.FunctionDef) and s.name == name)
    return any(_runs(found, node) for function in functions for node in ast.walk(function))


def _runs(module: source.Module, node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or module.dotted(node.func) not in _RUN:
        return False
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg in _WHERE}
    return given.keys() == _WHERE and not isinstance(given["port"], ast.Constant)
