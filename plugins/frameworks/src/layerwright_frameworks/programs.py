"""Find what brings its own server: Streamlit and Gradio applications, and functions of Functions Framework."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from layerwright import NotProposed
from layerwright_frameworks import source
from layerwright_frameworks.packages import files_below
from layerwright_frameworks.servers import PORT, proposed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from layerwright import Project, ProposedProcess
    from layerwright_frameworks.source import Module

__all__ = ["programs"]

_FILES: Final = ("app.py", "main.py", "server.py", "demo.py", "Home.py", "home.py")
_FUNCTION_FILES: Final = ("main.py", "app.py")
_DECORATORS: Final = frozenset(f"functions_framework.{name}" for name in ("http", "cloud_event", "typed"))


def programs(
    project: Project, distributions: frozenset[str], others: Collection[str]
) -> list[ProposedProcess | NotProposed]:
    """Return the process of each program that *project* may be meant for; *others* are files of an application."""
    finders = {"streamlit": _streamlit, "gradio": _gradio, "functions-framework": _functions}
    found = [find(project, others) for name, find in finders.items() if name in distributions]
    return [one for one in found if one is not None]


def _streamlit(project: Project, others: Collection[str]) -> ProposedProcess | NotProposed | None:
    # `streamlit run` without a file takes the first one.
    usual = ("streamlit_app.py", *_FILES)
    scripts = sorted(path.name for path in project.root.glob("*.py"))
    places = (usual, scripts, files_below(project, usual))
    files = next(filter(None, (_importing(project, p, "streamlit", others) for p in places)), [])
    if len(files) > 1 and files[0] != "streamlit_app.py":
        return _several(files, "Streamlit", f"streamlit run {files[0]} --server.port {PORT}")
    if not files:
        return None
    options = f"--server.port {PORT} --server.address 0.0.0.0 --server.headless true"
    return proposed(
        f"streamlit run {files[0]} {options}", f"{files[0]} imports Streamlit, which is installed"
    )


def _gradio(project: Project, others: Collection[str]) -> ProposedProcess | NotProposed | None:
    files = _launching(project, _FILES, others) or _launching(project, files_below(project, _FILES), others)
    if len(files) > 1:
        return _several(files, "Gradio", f"python {files[0]}")
    if not files:
        return None
    variables = f"GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT={PORT}"
    # Not an assignment before `exec`, which some shells do not export.
    line = f"env {variables} python {files[0]}"
    return proposed(line, f"{files[0]} launches a Gradio application, and Gradio is installed")


def _launching(project: Project, files: Iterable[str], others: Collection[str]) -> list[str]:
    found = _importing(project, files, "gradio", others)
    return [file for file in found if b".launch(" in source.text_of(project, file)]


def _functions(project: Project, others: Collection[str]) -> ProposedProcess | NotProposed | None:
    for file in (file for file in _FUNCTION_FILES if file not in others):
        module = source.parsed(project, file)
        targets = (list(_decorated(module)) or list(_plain(module))) if module else []
        lines = [f"functions-framework --source {file} --target {t} --port {PORT}" for t in targets]
        if len(lines) == 1:
            because = f"{file} has the function {targets[0]}, and Functions Framework is installed"
            return proposed(lines[0], because)
        if lines:
            return NotProposed(
                type="web",
                because=f"{file} has several functions for Functions Framework: {', '.join(targets)}",
                remedy=f"Say which one to serve, in a Procfile: web: {lines[0]}",
            )
    return None


def _importing(project: Project, files: Iterable[str], package: str, others: Collection[str]) -> list[str]:
    return [f for f in files if f not in others and source.imports(project, f, package)]


def _decorated(module: Module) -> Iterator[str]:
    for function in _top_functions(module):
        marks = (mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list)
        if any(module.dotted(mark) in _DECORATORS for mark in marks):
            yield function.name


def _plain(module: Module) -> Iterator[str]:
    """Yield the functions that have a request as the only argument: they need no decorator."""
    for function in _top_functions(module):
        if not function.name.startswith("_") and [a.arg for a in function.args.args] == ["request"]:
            yield function.name


def _top_functions(module: Module) -> Iterator[ast.FunctionDef]:
    yield from (s for s in module.statements if isinstance(s, ast.FunctionDef))


def _several(files: Sequence[str], name: str, line: str) -> NotProposed:
    return NotProposed(
        type="web",
        because=f"more than one file is a {name} application: {', '.join(files)}",
        remedy=f"Say which one to run, in a Procfile: web: {line}",
    )
