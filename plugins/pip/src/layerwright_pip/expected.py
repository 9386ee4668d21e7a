"""What requirements files and lock files say will be installed."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from layerwright import Expected, marker_applies
from layerwright_pip.requirement import Kind, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright import EnvironmentRequest, Project
    from layerwright_pip.environment import Said
    from layerwright_pip.requirement import Requirement

__all__ = ["expected"]

_EGG: Final = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_REST: Final = "The dependencies of these distributions are installed as well, and may bring in others."


def expected(request: EnvironmentRequest, said: Said) -> Expected | None:
    """Return the distributions that the files name for this machine.

    The names are complete if the files must name everything: only lock files, only hashes, or ``no-deps``.
    """
    sources = said.sources
    if sources.is_empty:
        return None
    python = request.interpreter.version
    names = {name for lock in sources.locks for name in _locked(request.project.toml(lock), python)}
    for requirement in said.closure.requirements:
        if not requirement.constraint:
            names.update(_named(requirement, request.project, python))
    alone = bool(sources.locks) and len(sources.locks) == len(sources.files)
    complete = alone or said.closure.hash_checked or "no-deps" in said.settings
    return Expected(
        names=frozenset(names), source=" and ".join(sources.origins), uncertain="" if complete else _REST
    )


def _locked(lock: Any, python: str) -> Iterator[str]:
    """Yield the names in a lock file (PEP 751), with its default groups and no extras."""
    groups, packages = lock.get("default-groups"), lock.get("packages")
    chosen = [str(name) for name in groups] if isinstance(groups, list) else []
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict) and marker_applies(package.get("marker"), python, groups=chosen):
            yield str(package.get("name"))


def _named(requirement: Requirement, project: Project, python: str) -> Iterator[str]:
    """Yield the name that *requirement* refers to, and the names that a directory's static metadata requires."""
    found = requirement.target
    url = found.url.partition("#")[0]
    if found.kind is Kind.INDEX or parsed(requirement.text) is not None:
        yield from _required(requirement.text, python)
    elif found.kind is Kind.DIRECTORY:
        table = project.toml(f"{found.path}/pyproject.toml").get("project")
        metadata = table if isinstance(table, dict) else {}
        yield str(metadata.get("name") or PurePath(found.path).name)
        dependencies = metadata.get("dependencies")
        for text in dependencies if isinstance(dependencies, list) else ():
            yield from _required(str(text), python)
    elif url.endswith(".whl"):
        yield PurePath(url).name.partition("-")[0]
    else:
        yield from _EGG.findall(found.url)


def _required(text: str, python: str) -> Iterator[str]:
    """Yield the name in *text* (PEP 508) if its marker applies."""
    found = parsed(text)
    if found is not None and marker_applies(found.marker, python):
        yield found.name
