"""Directories without an application of ours: one of conda, one of several scripts, one with applications below it."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Final

from layerwright.config.sources import APP_DIR, variable
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from layerwright.files.project import Project

__all__ = ["applications_below", "for_conda", "several_scripts"]

_CONDA: Final = ("environment.yml", "environment.yaml", "conda-lock.yml", "pixi.toml", "pixi.lock")
_PROJECT_FILES: Final = ("pyproject.toml", "setup.py")
_LEVELS: Final = 2
_MOST_LOOKED_AT: Final = 500
_MOST_SHOWN: Final = 10
_SKIPPED: Final = frozenset(
    {"build", "dist", "docs", "env", "node_modules", "requirements", "tests", "vendor", "venv"}
)


def for_conda(project: Project) -> UserError | None:
    """Return why *project* cannot be built if its environment is one of conda or pixi, ``None`` if it is not."""
    found = next(filter(project.exists, _CONDA), None)
    if found is None:
        return None
    return UserError(
        f"{found} is for conda, which Layerwright does not support.",
        cause="conda and pixi provide Python and system libraries themselves. Layerwright provides the interpreter, so"
        " that it can be patched without rebuilding the rest, and installs from a Python package index.",
        remedy=(
            "If a Python package index has everything that the application needs, list it in requirements.txt, or in"
            " pyproject.toml with a lock file.",
            "Otherwise build the image with a Dockerfile that starts from an image with conda, micromamba or pixi.",
        ),
        reference="conda-environment",
    )


def several_scripts(project: Project) -> UserError | None:
    """Return the error for *project* if it has several scripts with inline metadata, ``None`` if not."""
    from layerwright.config.scripts import SCRIPT, scripts

    found = scripts(project)
    if len(found) < 2:
        return None
    return UserError(
        "There are several scripts, each with dependencies of its own.",
        cause=f"These have inline metadata: {', '.join(found)}.",
        remedy=(
            f"Build one of them: layerwright build {shlex.quote(os.path.normpath(project.path(found[0])))}",
            f"In an image, name it in a variable of the build: {SCRIPT}={shlex.quote(found[0])}",
        ),
        reference="several-scripts",
    )


def applications_below(project: Project, conclusive: Collection[str]) -> UserError | None:
    """Return which subdirectories of *project* have an application, ``None`` if none has.

    An application has a file that is *conclusive* for a package manager, a ``pyproject.toml`` or a ``setup.py``.
    """
    found = dict(_found(project, {*conclusive, *_PROJECT_FILES}))
    if not found:
        return None
    shown = [f"{directory}: {file}" for directory, file in list(found.items())[:_MOST_SHOWN]]
    more = len(found) - len(shown)
    first = os.path.relpath(project.root / next(iter(found)), project.tree)
    tree, name = shlex.quote(str(project.tree)), shlex.quote(first)
    return UserError(
        f"There is no application in {project.root}, but in directories below it.",
        cause="\n".join([*shown, *([f"… and {more} more"] if more else [])]),
        remedy=(
            f"Build one of them: layerwright build {tree} --app {name}",
            f"In an image, set a variable of the build: pack build --env {variable(APP_DIR)}={name}",
            f"Or choose one in the configuration: layerwright config set --app {tree} {APP_DIR[0]} {name}",
        ),
        reference="application-below",
    )


def _found(project: Project, files: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the directories with an application, relative to *project*, and the file that shows it."""
    ahead = [("", 0)]
    for _ in range(_MOST_LOOKED_AT):
        if not ahead:
            return
        directory, level = ahead.pop(0)
        try:
            entries = sorted(os.scandir(project.root / directory), key=lambda entry: entry.name)
        except OSError:
            continue
        names = {entry.name for entry in entries}
        evidence = sorted(names & {*files}, key=lambda name: (name in _PROJECT_FILES, name))
        if directory and evidence:
            yield directory, evidence[0]
            continue
        if level < _LEVELS:
            ahead += [
                (os.path.join(directory, entry.name), level + 1)  # noqa: PTH118  # names, tens of them
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
                and not entry.name.startswith((".", "_"))
                and entry.name not in _SKIPPED
            ]
