"""Which directory of the source tree is the application, or which script: options, variables and configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.config.scripts import open_project
from layerwright.config.sources import APP_DIR, FILES, read_sources, variable
from layerwright.errors import ConfigurationError, UserError
from layerwright.files.project import Project
from layerwright.process.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.config.sources import Given, Sources

__all__ = ["OPTION", "Application", "Choice", "check_directory", "choose_application"]

OPTION: Final = "--app"


class Choice(NamedTuple):
    """The *directory* that was chosen, relative to the tree, and the *origin*: ``--app``, a variable, a file."""

    directory: str
    origin: str
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The choice, as the log shows it."""
        return f"{self.directory}, because {self.origin} names it"

    @property
    def option(self) -> str:
        """The option that a command needs to make this choice again, with a space before it; often empty."""
        import shlex

        return f" {OPTION} {shlex.quote(self.directory)}" if self.origin == OPTION else ""


class Application(NamedTuple):
    """The application, and why it is a directory in its source tree; without a *choice* it is the tree itself."""

    project: Project
    choice: Choice | None = None


def choose_application(
    tree: Path, environment: Mapping[str, str], given: Sequence[Given] = (), *, option: str | None = None
) -> Application:
    """Return the application in *tree*: the directory that *option*, the environment or the configuration names.

    *tree* may also be a script, and a variable may choose a script in the directory. The configuration is that in
    *tree*, then *given*. ``UserError``: there is no such directory in *tree*, or no such script.
    """
    if tree.is_file() and option is None:
        return Application(open_project(tree, environment))
    named = (option, OPTION) if option is not None else _named_by_variable(environment)
    sources = None
    if named is None:
        sources = read_sources(Project(tree), {}, given)
        named = _named_by_file(sources)
    if named is None:
        return Application(open_project(tree, environment))
    directory = check_directory(tree, *named)
    if directory == os.curdir:
        return Application(open_project(tree, environment))
    chosen = open_project(tree / directory, environment, tree)
    _refuse_another_choice(chosen, directory)
    warnings = _not_read(sources, directory) if sources is not None else ()
    return Application(chosen, Choice(directory, named[1], warnings))


def check_directory(tree: Path, name: str, origin: str) -> str:
    """Return the directory *name* of *tree*, with links resolved; ``UserError``: it is not one, as *origin* says."""
    path, root = tree / name, os.path.realpath(tree)
    if not name or os.path.isabs(name):  # noqa: PTH117  # a string that is not a path yet
        problem = f"The name must be relative to {tree}."
    elif not os.path.isdir(path):  # noqa: PTH112  # a name that is too long is no error
        problem = f"{visible(str(path))} is not a directory, or does not exist."
    else:
        real = os.path.realpath(path)
        if os.path.commonpath((root, real)) == root:
            return os.path.relpath(real, root)
        problem = f"It leads to {real}, which is outside {tree}."
    raise UserError(
        f'{origin} names "{visible(name)}", which is not a directory of the source tree.',
        cause=problem,
        remedy=f"Name a directory below {tree}, relative to it, for example: services/api",
        reference="app-dir",
    )


def _named_by_variable(environment: Mapping[str, str]) -> tuple[str, str] | None:
    name = variable(APP_DIR)
    value = environment.get(name, "").strip()
    return (value, name) if value else None


def _named_by_file(sources: Sources) -> tuple[str, str] | None:
    raw = next(iter(sources.in_files(APP_DIR)), None)
    if raw is None:
        return None
    if not isinstance(raw.value, str):
        from layerwright.config.values import shown

        raise ConfigurationError([f"{raw.origin} must be a string, not {shown(raw.value)}"])
    return raw.value, raw.origin


def _refuse_another_choice(chosen: Project, directory: str) -> None:
    """Raise ``ConfigurationError`` if the application chooses a directory as well: it would have no effect."""
    again = read_sources(chosen, {}).in_files(APP_DIR)
    if again:
        raise ConfigurationError(
            [
                f"{directory}/{raw.origin} has no effect: only the top of the source tree chooses"
                for raw in again
            ]
        )


def _not_read(sources: Sources, directory: str) -> tuple[str, ...]:
    """Return a warning about the other settings at the top of the tree, which are not the application's."""
    keys = (key for key in sources.keys if key != APP_DIR)
    origins = [
        raw.origin
        for key in keys
        for raw in sources.in_files(key)
        if not raw.given and not isinstance(raw.value, dict)
    ]
    if not origins:
        return ()
    return (
        f"Not read, because the application is {directory}: {', '.join(origins)}.\n"
        f"Move the settings to {' or '.join(f'{directory}/{file}' for file in reversed([*FILES]))}.",
    )
