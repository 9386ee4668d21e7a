"""Errors for an application without a lock file, and for one whose lock file cannot be installed in part."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from layerwright import UserError, application_script
from layerwright_uv.local_source import table
from layerwright_uv.lock_file import LOCK_FILE, PYLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import Project

__all__ = ["installed_whole", "missing"]


def missing(project: Project) -> UserError:
    """Return the error for *project*, which has no lock file of uv: the command that writes it."""
    script = None if project.exists("pyproject.toml") else application_script(project)
    if script is not None:
        return UserError(
            f"{script}.lock does not exist.",
            cause=f"uv installs from a lock file, and that of {script} is called {script}.lock.",
            remedy=(
                f"Run `uv lock --script {script}`, and commit {script}.lock.",
                'Or let pip install it, with the newest releases in each build: package-manager = "pip".',
            ),
            reference="missing-uv-lock",
        )
    above = next((up for n in range(1, 6) if project.exists(f"{(up := '../' * n)}{LOCK_FILE}")), "")
    place = os.path.normpath(project.path(above))
    name = str(table(project.toml("pyproject.toml"), "project").get("name", project.root.name))
    return UserError(
        f"{LOCK_FILE} does not exist.",
        cause=f"It is in {place}: this is a member of a workspace."
        if above
        else f"uv installs from a lock file, and there is neither {LOCK_FILE} nor {PYLOCK}.",
        remedy=(
            f"Name the member: layerwright config set --app {shlex.quote(place)} uv.package {shlex.quote(name)}",
            f"Build that directory: layerwright build {shlex.quote(place)}",
        )
        if above
        else (
            f"Run `uv lock`, and commit {LOCK_FILE}.",
            "Or let pip install the project, with the newest releases in each build: layerwright use pip",
        ),
        reference="missing-uv-lock",
    )


def installed_whole(file: str, choices: Iterable[str], *remedy: str) -> UserError:
    """Return the error for settings, *choices*, that select parts of the lock file *file*, which has none."""
    return UserError(
        f"{file} is installed as a whole, but the configuration selects parts of it.",
        cause=f"The settings for that are {', '.join(choices)}; they need a {LOCK_FILE}.",
        remedy=remedy,
        reference="pylock-choices",
    )
