"""What the code says of a public name, in the notation that the pages for plugin authors have it in."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from typing import Any

import layerwright

__all__ = ["constructor", "fields", "members", "methods", "signature"]


def fields(kind: type[Any]) -> dict[str, tuple[str, str]]:
    """Return type and default, ``-`` where there is none, of each field of *kind* that no other section has."""
    found = {}
    for base in _own_classes(kind):
        for node in _tree(base).body:
            if isinstance(node, ast.AnnAssign) and not _name(node.target).startswith("_"):
                default = "-" if node.value is None else _default(node.value, base)
                found[_name(node.target)] = (_text(node.annotation), default)
    return found


def methods(kind: type[Any]) -> set[str]:
    """Return what the public methods and properties of *kind* look like, those that no other section has."""
    return {
        f"{node.name}: {_text(node.returns)}"
        if any(_text(decorator) == "property" for decorator in node.decorator_list)
        else f"{node.name}{_signature(node, kind)}"
        for base in _own_classes(kind)
        for node in _tree(base).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def members(kind: type[Any]) -> set[str]:
    """Return the members of the enumeration *kind*."""
    return set(getattr(kind, "__members__", ()))


def constructor(kind: type[Any]) -> str:
    """Return how a *kind* with a constructor of its own is made; nothing for any other."""
    for base in reversed(_ours(kind)):
        for node in _tree(base).body:
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                return f"{kind.__name__}{_signature(node, base)}".removesuffix(" -> None")
    return ""


def signature(function: Any) -> str:
    """Return the name of *function*, its parameters and what it returns."""
    return f"{function.__name__}{_signature(_tree(function), function)}"


def _own_classes(kind: type[Any]) -> list[type[Any]]:
    """Return *kind* and those of its bases that have no section of their own, the most general first."""
    return [base for base in _ours(kind) if base is kind or base.__name__ not in layerwright.__all__]


def _ours(kind: type[Any]) -> list[type[Any]]:
    return [base for base in reversed(kind.__mro__) if base.__module__.startswith("layerwright")]


def _tree(value: Any) -> Any:
    return ast.parse(textwrap.dedent(inspect.getsource(value))).body[0]


def _signature(node: ast.FunctionDef, home: Any) -> str:
    arguments = node.args
    if arguments.args and arguments.args[0].arg in {"self", "cls"}:
        del arguments.args[0]
    arguments.defaults = [_shown(value, home) for value in arguments.defaults]
    arguments.kw_defaults = [value and _shown(value, home) for value in arguments.kw_defaults]
    words = _text(arguments)
    for argument in (*arguments.args, *arguments.kwonlyargs):
        # ast.unparse writes a default without spaces, annotated or not.
        words = words.replace(f"{_text(argument)}=", f"{_text(argument)} = ")
    return f"({words}) -> {_text(node.returns)}"


def _default(value: ast.expr, home: Any) -> str:
    match value:
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            given = [k.value for k in keywords if (k.arg or "").startswith("default")]
            if not given:
                return "-"
            [value] = given
    match value:
        case ast.Name(id="dict"):
            return "{}"
        case ast.Name(id=name) if name[0].isupper() and not name.isupper():
            return f"{name}()" if name.endswith("Env") else name
    return _text(_shown(value, home))


def _shown(value: ast.expr, home: Any) -> ast.expr:
    """Return *value* as a reader can make sense of it: a constant's value, and dots for what is private."""
    if not isinstance(value, ast.Name) or not value.id.isupper():
        return value
    constant = getattr(sys.modules[home.__module__], value.id)
    return ast.Constant(constant if isinstance(constant, str) else ...)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.AST | None) -> str:
    return ast.unparse(node).replace("'", '"') if node is not None else "None"
