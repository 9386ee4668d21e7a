"""Find the framework that an application uses, and propose a web process for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright_frameworks import source
from layerwright_frameworks.servers import ASGI, WSGI, proposed, server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright import Project, ProposedProcess

__all__ = ["proposals"]

_SETTINGS: Final = re.compile(rb"""DJANGO_SETTINGS_MODULE["']\]?\s*[,=]\s*["']([A-Za-z_][\w.]*)["']""")
# Where the frameworks' own commands look, and the names that they look for.
_FLASK_FILES: Final = ("wsgi.py", "app.py", "main.py")
_FASTAPI_FILES: Final = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_NAMES: Final[Sequence[str]] = ("app", "application", "api")
_FACTORIES: Final = ("create_app", "make_app")


def proposals(project: Project, distributions: frozenset[str]) -> tuple[ProposedProcess, ...]:
    """Return the web process of *project*, given its installed *distributions*; empty if more than one is possible."""
    finders = {"django": _django, "flask": _flask, "fastapi": _fastapi}
    found = [find(project, distributions) for name, find in finders.items() if name in distributions]
    certain = [one for one in found if one is not None]
    return tuple(certain) if len(certain) == 1 else ()


def _django(project: Project, distributions: frozenset[str]) -> ProposedProcess | None:
    match = _SETTINGS.search(project.read("manage.py") or b"") if project.exists("manage.py") else None
    if match is None:
        return None
    parts = match[1].decode().split(".")[:-1]
    # The settings may be a package below the one that has the entry points: config.settings.production.
    packages = [parts[:length] for length in range(len(parts), 0, -1)]
    for servers, kind in ((WSGI, "wsgi"), (ASGI, "asgi")):
        chosen = server(servers, distributions)
        package = next((p for p in packages if project.exists(f"{'/'.join(p)}/{kind}.py")), None)
        if chosen and package:
            line = chosen.line(f"{'.'.join(package)}.{kind}:application")
            return proposed(line, f"manage.py exists, and Django and {chosen.name} are installed")
    return None


def _flask(project: Project, distributions: frozenset[str]) -> ProposedProcess | None:
    chosen = server(WSGI, distributions)
    found = _flask_applications(project) if chosen else []
    if chosen is None or len(found) != 1:
        return None
    file, name, factory = found[0]
    line = chosen.line(f"{_module(file)}:{name}", factory=factory)
    return proposed(line, f"{file} has {name}, and Flask and {chosen.name} are installed")


def _flask_applications(project: Project) -> list[tuple[str, str, bool]]:
    """Return the file and the name of each application, and whether the name is a factory."""
    # A wsgi.py is meant for servers, even if it only imports the application.
    for_servers = source.bound(source.parsed(project, "wsgi.py"))
    loaded = [("wsgi.py", name, False) for name in _NAMES if name in for_servers]
    if loaded:
        return loaded[:1]
    found = []
    for file in _FLASK_FILES:
        statements = source.parsed(project, file, "Flask")
        if name := source.choice(source.instances(statements, "Flask"), _NAMES):
            found.append((file, name, False))
        elif name := source.choice(source.factories(statements, "Flask", _FACTORIES), _FACTORIES):
            found.append((file, name, True))
    return found


def _fastapi(project: Project, distributions: frozenset[str]) -> ProposedProcess | None:
    chosen = server(ASGI, distributions)
    if chosen is None:
        return None
    found = [
        (file, name)
        for file in _FASTAPI_FILES
        if (
            name := source.choice(
                source.instances(source.parsed(project, file, "FastAPI"), "FastAPI"), _NAMES
            )
        )
    ]
    if len(found) != 1:
        return None
    file, name = found[0]
    line = chosen.line(f"{_module(file)}:{name}")
    return proposed(line, f"{file} has {name}, and FastAPI and {chosen.name} are installed")


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")
