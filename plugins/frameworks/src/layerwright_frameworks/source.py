"""Find names at the top level of an application's module, without importing it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from layerwright import Project

__all__ = ["bound", "choice", "factories", "instances", "parsed"]


def parsed(project: Project, name: str, word: str = "") -> Sequence[ast.stmt]:
    """Return the statements of the file *name*; empty if it does not exist, lacks *word* or cannot be parsed."""
    source = project.read(name) if project.exists(name) else None
    if source is None or word.encode() not in source:
        return ()
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        # It may be for a newer Python than this one. Nothing is proposed for it.
        return ()


def instances(statements: Iterable[ast.stmt], kind: str) -> list[str]:
    """Return the names that are assigned a call of *kind*, such as ``FastAPI``."""
    return [name for name, value in _assignments(statements) if _calls(value, kind)]


def bound(statements: Iterable[ast.stmt]) -> list[str]:
    """Return the names that are assigned or imported."""
    statements = list(statements)
    imported = (
        alias.asname or alias.name for s in statements if isinstance(s, ast.ImportFrom) for alias in s.names
    )
    return [*imported, *(name for name, _ in _assignments(statements))]


def factories(statements: Iterable[ast.stmt], kind: str, names: Iterable[str]) -> list[str]:
    """Return the functions among *names* that call *kind*."""
    return [
        s.name
        for s in statements
        if isinstance(s, ast.FunctionDef) and s.name in names and any(_calls(n, kind) for n in ast.walk(s))
    ]


def choice(found: Sequence[str], preferred: Iterable[str]) -> str | None:
    """Return the first of *preferred* in *found*, or the only one found, or ``None``."""
    only = found[0] if len(found) == 1 else None
    return next((name for name in preferred if name in found), only)


def _assignments(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    for statement in statements:
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                yield name, value


def _calls(node: ast.AST | None, kind: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name == kind
    return False
