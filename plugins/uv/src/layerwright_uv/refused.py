"""Errors for an application without a lock file, and for one whose lock file cannot be installed in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import UserError, application_script
from layerwright_uv.local_source import table
from layerwright_uv.lock_file import LOCK_FILE, PYLOCK
from layerwright_uv.workspace import workspace_of

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
    lock_file = workspace_of(project).name(LOCK_FILE)
    sources = table(project.toml("pyproject.toml"), "tool", "uv", "sources").values()
    # Without the root, uv cannot find the other members.
    is_lost = lock_file == LOCK_FILE and any("workspace" in s for s in sources if isinstance(s, dict))
    return UserError(
        f"{lock_file} does not exist.",
        cause="tool.uv.sources in pyproject.toml says that this is a member of a workspace. No directory above it is"
        " the root of one that includes it, as far as the build can see."
        if is_lost
        else f"uv installs from a lock file, and there is neither {lock_file} nor {PYLOCK}.",
        remedy=(
            "Build the directory of the workspace, and choose the member: layerwright build ROOT --app MEMBER",
            "In an image: pass the whole workspace to the platform, and set LAYERWRIGHT_APP_DIR=MEMBER.",
        )
        if is_lost
        else (
            f"Run `uv lock`, and commit {lock_file}.",
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
