"""The sources of the requirements that pip installs: files, lock files, projects, groups and scripts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import Detection, UserError, application_script, inline_metadata
from layerwright_pip.declared import (
    PYPROJECT,
    declared_by_groups,
    declared_by_project,
    declared_by_script,
    is_project,
)
from layerwright_pip.pylock import PYLOCK, is_pylock
from layerwright_pip.setup_cfg import SETUP_CFG, describes_project

if TYPE_CHECKING:
    from layerwright import EnvironmentRequest, Project, ProjectRequest
    from layerwright_pip.declared import Declared
    from layerwright_pip.manager import PipSettings

__all__ = ["DEFAULT_FILES", "Sources", "claim", "entries", "read_sources"]

DEFAULT_FILES: Final = ("requirements.txt",)
_PROJECT_FILES: Final = (PYPROJECT, "setup.py", SETUP_CFG)
_MAIN_FILES: Final = ("main.py", "app.py", "server.py", "manage.py", "wsgi.py", "asgi.py", "__main__.py")
# Next to these files, a Python file is a tool of an application in another language, or its environment is conda's.
_OTHERS: Final = (
    "package.json", "go.mod", "Cargo.toml", "Gemfile", "composer.json", "pom.xml", "build.gradle", "mix.exs",
    "environment.yml", "environment.yaml", "conda-lock.yml", "pixi.toml", "Pipfile",
)  # fmt: skip
# With one of these tables, the project belongs to a package manager that installs from its own lock file.
_OTHER_MANAGERS: Final = ("pdm", "poetry", "uv", "pixi")
_SIMILAR: Final = 0.8


class Sources(NamedTuple):
    """The sources: the names of files, the lock files among them, and requirements from elsewhere.

    ``undeclared`` is a warning about imports of an application that declares no dependencies.
    """

    files: tuple[str, ...]
    locks: tuple[str, ...]
    declared: tuple[Declared, ...]
    undeclared: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to install."""
        return not (self.files or self.lines)

    @property
    def lines(self) -> str:
        """The requirements from elsewhere, as the text of a requirements file."""
        return "".join(f"{line}\n" for one in self.declared for line in one.lines)

    @property
    def words(self) -> tuple[str, ...]:
        """The sources from elsewhere, as the log names them."""
        return tuple(one.words for one in self.declared)

    @property
    def origins(self) -> tuple[str, ...]:
        """The files of all requirements."""
        return tuple(dict.fromkeys((*self.files, *(one.origin for one in self.declared))))

    @property
    def warnings(self) -> tuple[str, ...]:
        """A warning for each source that nothing locks, for what only uv reads, and for imports without any source."""
        sources = {one.origin: one for one in self.declared}.values()
        unlocked = (
            f"The dependencies of {one.origin} are not locked: a later build may install newer releases.\n"
            f"{_how_to_lock(one.origin)}"
            for one in sources
        )
        unread = (
            f"pip does not read what {one.origin} has for uv: {', '.join(one.unread)}.\n"
            f"It counts if uv installs from {one.origin}.lock."
            for one in sources
            if one.unread
        )
        return (*unlocked, *unread, *filter(None, [self.undeclared]))


def _how_to_lock(origin: str) -> str:
    base = os.path.basename(origin)  # noqa: PTH119  # the name of a file, not a path
    if base == PYPROJECT:
        return "To lock them, run `uv lock`, and commit uv.lock."
    if base in ("setup.py", SETUP_CFG):
        return f"To lock them, run `pip-compile --generate-hashes {base}`, and commit requirements.txt."
    return (
        f"Pin each with ==. Or, if {origin} is the whole application, run `uv lock --script {origin}`, and commit"
        f" {origin}.lock: then uv installs it."
    )


def claim(request: ProjectRequest[PipSettings]) -> Detection | None:
    """Return the claim: a configured file or ``pylock.toml``; as a fallback, anything else that declares dependencies.

    A requirements file that was exported from the lock file of another package manager is a fallback, too. A Python
    file that looks like an application's main module is enough, unless there are files of another language.
    """
    project, configured = request.project, request.settings.requirements
    is_default = configured == DEFAULT_FILES
    names = (*configured, PYLOCK) if is_default else configured
    found = next(filter(None, (_evidence(project, name) for name in names)), None)
    if found is not None:
        from layerwright_pip.exported import is_export

        return Detection(
            evidence=found, fallback=is_default and found != PYLOCK and is_export(project, found)
        )
    if not is_default:
        return None
    tools = project.toml(PYPROJECT).get("tool")
    if isinstance(tools, dict) and not tools.keys().isdisjoint(_OTHER_MANAGERS):
        return None
    if is_project(project) or describes_project(project):
        evidence = next(filter(project.exists, _PROJECT_FILES))
        return Detection(evidence=evidence, fallback=True)
    main = None if any(map(project.exists, _OTHERS)) else application_script(project) or _main(project)
    return None if main is None else Detection(evidence=main, fallback=True)


def entries(project: Project, configured: tuple[str, ...]) -> tuple[str, ...]:
    """Return the *configured* sources, or alternatives if they are the default and do not exist.

    The alternatives are ``pylock.toml``, the project (``.``), the one script with inline metadata, or nothing for an
    application without dependencies.
    """
    if configured != DEFAULT_FILES or any(map(project.exists, configured)):
        return configured
    if project.exists(PYLOCK):
        return (PYLOCK,)
    if is_project(project) or describes_project(project):
        return (".",)
    script = application_script(project)
    if script is not None:
        return () if inline_metadata(project, script) is None else (script,)
    return () if _main(project) is not None else configured


def read_sources(request: EnvironmentRequest[PipSettings]) -> Sources:
    """Return what to install. Raises ``UserError`` if a source is not what its name says."""
    settings, project = request.settings, request.project
    test = request.exec_env == "test"
    files: list[str] = []
    declared: list[Declared] = []
    found = (*entries(project, settings.requirements), *(settings.test_requirements if test else ()))
    directories = [_directory_of(project, name) for name in found]
    if settings.extras and not any(directories):
        directories.append(".")
    for name, directory in zip((*found, "."), directories, strict=False):
        if directory:
            declared.append(declared_by_project(project, directory, settings.extras))
        elif name.endswith(".py"):
            declared.append(declared_by_script(project, name))
        else:
            files.append(name)
    groups = declared_by_groups(project, (*settings.groups, *(settings.test_groups if test else ())))
    declared += [groups] if groups else []
    locks = tuple(filter(is_pylock, files))
    if locks and declared:
        raise UserError(
            f"{locks[0]} cannot be combined with other sources.",
            cause=f"pip installs a lock file alone, and the configuration also names {declared[0].words}.",
            remedy="Remove the extras and groups from [tool.layerwright.pip], and lock with them instead.",
            reference="pylock-with-others",
        )
    main = None if files or declared else _main(project)
    if main is None:
        return Sources(tuple(files), locks, tuple(declared))
    from layerwright_pip.undeclared import undeclared

    return Sources((), (), (), undeclared(project, main))


def _evidence(project: Project, name: str) -> str | None:
    """Return the file that shows that the source *name* exists."""
    if project.is_directory(name):
        files = (os.path.normpath(os.path.join(name, file)) for file in _PROJECT_FILES)  # noqa: PTH118
        return next(filter(project.exists, files), None)
    return name if project.exists(name) else None


def _directory_of(project: Project, name: str) -> str:
    """Return the directory of the project that *name* means: a directory, or a file that describes a project."""
    directory, base = os.path.split(os.path.normpath(name))
    if base in _PROJECT_FILES:
        return directory or "."
    return os.path.normpath(name) if project.is_directory(name) else ""


def _main(project: Project) -> str | None:
    """Return the main module of an application without dependencies; ``None`` if some may be listed elsewhere."""
    if project.script:
        return project.script
    found = next(filter(project.exists, _MAIN_FILES), None)
    if found is None or any(map(_may_list_requirements, os.listdir(project.root))):  # noqa: PTH208  # names alone
        return None
    return found


def _may_list_requirements(name: str) -> bool:
    """Return whether *name* is a misspelt ``requirements.txt``, or the source or the directory of such files."""
    from difflib import SequenceMatcher

    lower = name.lower()
    return "require" in lower or SequenceMatcher(None, lower, DEFAULT_FILES[0]).ratio() > _SIMILAR
