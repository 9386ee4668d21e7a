"""Find scripts of a project that are groups of commands, and end with a help text if no command is named."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from layerwright_frameworks import source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright import Project

__all__ = ["is_command_group"]

_GROUPS: Final = frozenset({"click.group", "rich_click.group"})
_RUNS_ALONE: Final = "invoke_without_command"


def is_command_group(project: Project, target: str) -> bool:
    """Return whether *target*, ``module:name``, is a group of Click, or an application of Typer with several commands.

    A function whose only statement calls one counts as well. A group that says that it runs without a command is none.
    """
    module, name = source.target_of(project, target)
    return module is not None and any(_is_group(module, one) for one in (name, *_called_by(module, name)))


def _called_by(module: source.Module, name: str) -> Iterator[str]:
    """Yield the name that the function *name* calls, if it does nothing else."""
    for function in _functions(module):
        match function:
            case ast.FunctionDef(name=own, body=[ast.Expr(value=ast.Call(func=ast.Name(id=called)))]) if (
                own == name
            ):
                yield called


def _is_group(module: source.Module, name: str) -> bool:
    decorators = [
        (f.name, *_decorator(module, node)) for f in _functions(module) for node in f.decorator_list
    ]
    if any(own == name and dotted in _GROUPS and not alone for own, dotted, alone in decorators):
        return True
    if name not in module.instances("typer", ("Typer",)):
        return False
    commands = [dotted for _, dotted, _ in decorators if dotted == f"{name}.command"]
    alone = any(runs_alone for _, dotted, runs_alone in decorators if dotted == f"{name}.callback")
    made_alone = any(own == name and _runs_alone(value) for own, value in module.assigned)
    return len(commands) > 1 and not alone and not made_alone


def _functions(module: source.Module) -> Iterator[ast.FunctionDef]:
    return (s for s in module.statements if isinstance(s, ast.FunctionDef))


def _decorator(module: source.Module, node: ast.expr) -> tuple[str, bool]:
    """Return the dotted name of a decorator, and whether it says that the group runs without a command."""
    return module.dotted(node.func if isinstance(node, ast.Call) else node), _runs_alone(node)


def _runs_alone(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and any(keyword.arg == _RUNS_ALONE for keyword in node.keywords)
