"""Find names at the top level of an application's module, without importing it."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING

from layerwright import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from layerwright import Project

__all__ = ["Module", "choice", "dotted_module", "imports", "parsed", "target_of", "text_of"]


class Module:
    """The names that the statements at the top level of *file* bind."""

    def __init__(self, file: str, statements: Iterable[ast.stmt]) -> None:
        self.file = file
        self.statements = tuple(_flattened(statements))

    @cached_property
    def origins(self) -> dict[str, str]:
        """The dotted name of each imported name: ``flask.Flask`` for ``from flask import Flask``."""
        found: dict[str, str] = {}
        for statement in self.statements:
            if isinstance(statement, ast.Import):
                # `import a.b` binds a.
                found |= {a.asname or a.name.partition(".")[0]: _bound(a) for a in statement.names}
            elif isinstance(statement, ast.ImportFrom):
                place = "." * statement.level + (statement.module or "")
                found |= {
                    alias.asname or alias.name: f"{place}{'' if place.endswith('.') else '.'}{alias.name}"
                    for alias in statement.names
                    if alias.name != "*"
                }
        return found

    @cached_property
    def _stars(self) -> frozenset[str]:
        return frozenset(
            s.module or ""
            for s in self.statements
            if isinstance(s, ast.ImportFrom) and any(alias.name == "*" for alias in s.names)
        )

    @cached_property
    def assigned(self) -> tuple[tuple[str, ast.expr | None], ...]:
        """Each assigned name with its value."""
        return tuple(_assignments(self.statements))

    @property
    def bound(self) -> frozenset[str]:
        """The names that are assigned or imported."""
        return frozenset({*self.origins, *(name for name, _ in self.assigned)})

    def instances(self, package: str, constructors: Collection[str]) -> list[str]:
        """Return the names that are assigned a call of one of the *constructors* of *package*."""
        found = (name for name, value in self.assigned if self._calls(value, package, constructors))
        return list(dict.fromkeys(found))

    def factories(self, package: str, constructors: Collection[str], names: Collection[str]) -> list[str]:
        """Return the functions among *names* that call one of the *constructors* of *package*."""
        return [
            s.name
            for s in self.statements
            if isinstance(s, ast.FunctionDef)
            and s.name in names
            and any(self._calls(node, package, constructors) for node in ast.walk(s))
        ]

    def made_by(self, names: Collection[str]) -> dict[str, str]:
        """Return the assigned names whose value is a call of a function among *names*, with its dotted name."""
        return {
            name: called
            for name, value in self.assigned
            if isinstance(value, ast.Call) and (called := self.dotted(value.func)).rpartition(".")[2] in names
        }

    def dotted(self, node: ast.AST | None) -> str:
        """Return the dotted name of *node* as it is imported; empty if it has none."""
        match node:
            case ast.Name(id=name):
                return self.origins.get(name, name)
            case ast.Attribute(value=value, attr=name):
                before = self.dotted(value)
                return f"{before}.{name}" if before else ""
        return ""

    def _calls(self, node: ast.AST | None, package: str, constructors: Collection[str]) -> bool:
        if not isinstance(node, ast.Call):
            return False
        name = self.dotted(node.func)
        if "." not in name:
            return name in constructors and package in self._stars
        return name.startswith(f"{package}.") and name.rpartition(".")[2] in constructors


def text_of(project: Project, file: str) -> bytes:
    """Return the bytes of *file*; empty if it does not exist, cannot be read, or is outside the application."""
    try:
        if project.exists(file) and not project.is_outside(file):
            return project.read(file) or b""
    except UserError:
        # The plugin proposes nothing for it, and the build does not need it.
        return b""
    return b""


def parsed(project: Project, file: str, *words: str) -> Module | None:
    """Return the module *file*; ``None`` if there is none, it has none of *words*, or cannot be parsed."""
    source = text_of(project, file)
    if not source or (words and not any(word.encode() in source for word in words)):
        return None
    try:
        return Module(file, ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError):
        # It may be for a newer Python than this one. The plugin proposes nothing for it.
        return None


def target_of(project: Project, target: str) -> tuple[Module | None, str]:
    """Return the module of the entry point *target*, ``module:name``, if it is in *project*, and the name."""
    module, _, name = target.partition("[")[0].strip().partition(":")
    path = module.strip().replace(".", "/")
    files = (f"{place}{path}{end}" for place in ("src/", "") for end in (".py", "/__init__.py"))
    return next(filter(None, (parsed(project, file) for file in files)), None), name.strip()


def imports(project: Project, file: str, package: str) -> bool:
    """Return whether *file* imports *package*, anywhere."""
    pattern = rf"^[ \t]*(?:import|from)[ \t]+{package}\b".encode()
    return re.search(pattern, text_of(project, file), re.MULTILINE) is not None


def choice(found: Sequence[str], preferred: Iterable[str]) -> str | None:
    """Return the first of *preferred* in *found*, or the only one found, or ``None``."""
    only = found[0] if len(found) == 1 else None
    return next((name for name in preferred if name in found), only)


def dotted_module(file: str) -> str:
    """Return the name by which *file* is imported: without ``src``, if that only contains the package."""
    return (
        re.sub(r"^src/(?=[^/]+/)", "", file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    )


def _bound(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]


def _flattened(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    # Not `if`: most are for `__name__ == "__main__"`, and bind nothing when the module is imported.
    for statement in statements:
        yield statement
        if isinstance(statement, ast.Try | ast.With):
            yield from _flattened(statement.body)


def _assignments(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    for statement in statements:
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                yield name, value
