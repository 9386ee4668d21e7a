"""Find a Django project: the directory of its manage.py, its entry point, its settings."""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING, Final

from layerwright import NotProposed
from layerwright_frameworks import source
from layerwright_frameworks.packages import directories
from layerwright_frameworks.servers import ADDRESS, ASGI, WSGI, proposed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import Project, ProposedProcess

__all__ = ["directory_of", "may_have_static_root", "settings_module", "web_process"]

_SETTINGS: Final = re.compile(rb"""DJANGO_SETTINGS_MODULE["']\]?\s*[,=]\s*["']([A-Za-z_][\w.]*)["']""")
# What sets a variable without its name in the source.
_DYNAMIC: Final = re.compile(rb"\b(?:locals|globals|vars|exec|setattr|include)\s*\(|__dict__|configurations")
_MOST_MODULES: Final = 50


def directory_of(project: Project) -> str | None:
    """Return the directory of manage.py, relative to *project*; ``None`` if there is none or more than one.

    It is at the top, or else one level below. If it is a link, its directory is that of the file itself.
    """
    if project.exists("manage.py"):
        return _real_directory(project, "manage.py")
    found = [name for name in directories(project) if project.exists(f"{name}/manage.py")]
    return _real_directory(project, f"{found[0]}/manage.py") if len(found) == 1 else None


def settings_module(project: Project, directory: str) -> str:
    """Return the settings module that the manage.py in *directory* names; empty if it names none."""
    match = _SETTINGS.search(source.text_of(project, _in(directory, "manage.py")))
    return match[1].decode() if match else ""


def web_process(
    project: Project, directory: str, distributions: frozenset[str]
) -> ProposedProcess | NotProposed:
    """Return the web process of the Django project in *directory*."""
    manage = _in(directory, "manage.py")
    parts = settings_module(project, directory).split(".")[:-1]
    # The settings may be a package below the one that has the entry points: config.settings.production.
    packages = [parts[:length] for length in range(len(parts), -1, -1)]
    entry = {}
    for protocol, kind in ((WSGI, "wsgi"), (ASGI, "asgi")):
        package = next((p for p in packages if project.exists(_in(directory, *p, f"{kind}.py"))), None)
        if package is None:
            continue
        entry[protocol] = ".".join((*package, kind))
        chosen = protocol.server(distributions)
        if chosen:
            return proposed(
                chosen.line(f"{entry[protocol]}:application"),
                f"{manage} exists, and Django and {chosen.name} are installed",
                directory=directory,
            )
    if WSGI in entry:
        return proposed(
            f"python manage.py runserver --noreload {ADDRESS}",
            f"{manage} exists, and Django is installed, but no server",
            directory=directory,
            warning=(
                "it is Django's development server, which is not made for production.\n"
                "Add gunicorn to the application's dependencies."
            ),
        )
    if ASGI in entry:
        return NotProposed(
            type="web",
            because=f"{manage} exists, and no ASGI server is installed for {entry[ASGI]}",
            remedy="Add uvicorn to the application's dependencies.",
        )
    return NotProposed(
        type="web",
        because=f"{manage} exists, and no wsgi.py or asgi.py beside the settings that it names",
        remedy="Define the process yourself, for example in a Procfile.",
    )


def may_have_static_root(project: Project, directory: str, environment: Mapping[str, str]) -> bool:
    """Return whether the settings mention ``STATIC_ROOT``, or it is not clear from their source.

    The source of every module of the project that the settings import counts as theirs.
    """
    named = environment.get("DJANGO_SETTINGS_MODULE") or settings_module(project, directory)
    if not named or _mentions(source.text_of(project, _in(directory, "manage.py"))):
        return True
    waiting, seen = [named], set[str]()
    while waiting:
        name = waiting.pop()
        file = _file_of(project, directory, name)
        if file is None:
            return True
        if file in seen:
            continue
        seen.add(file)
        module = source.parsed(project, file)
        if module is None:
            # An empty file has no statements; all others could not be parsed.
            if source.text_of(project, file).strip() or project.is_outside(file):
                return True
            continue
        if _mentions(source.text_of(project, file)) or len(seen) > _MOST_MODULES:
            return True
        package = name if file.endswith("__init__.py") else name.rpartition(".")[0]
        for imported, is_needed in _imported(module.statements, package):
            if is_needed or _file_of(project, directory, imported) is not None:
                waiting.append(imported)
    return False


def _mentions(text: bytes) -> bool:
    return b"STATIC_ROOT" in text or _DYNAMIC.search(text) is not None


def _imported(statements: tuple[ast.stmt, ...], package: str) -> Iterator[tuple[str, bool]]:
    """Yield each module that is imported, and whether everything in it is."""
    for statement in (node for top in statements for node in ast.walk(top)):
        if isinstance(statement, ast.Import):
            yield from ((alias.name, False) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - statement.level + 1]
            parts = [*(above if statement.level else ()), *((statement.module or "").split("."))]
            name = ".".join(filter(None, parts))
            for alias in statement.names:
                yield name, alias.name == "*"
                yield f"{name}.{alias.name}", False


def _file_of(project: Project, directory: str, module: str) -> str | None:
    place = _in(directory, *module.split("."))
    return next((file for file in (f"{place}.py", f"{place}/__init__.py") if project.exists(file)), None)


def _real_directory(project: Project, file: str) -> str:
    if project.is_outside(file):
        return ""
    root = os.path.realpath(project.root)
    # realpath, because Python itself takes the directory of the file that a link leads to.
    relative = os.path.relpath(os.path.dirname(os.path.realpath(project.path(file))), root)  # noqa: PTH120
    return "" if relative == os.curdir else relative


def _in(directory: str, *names: str) -> str:
    return "/".join(filter(None, (directory, *names)))
