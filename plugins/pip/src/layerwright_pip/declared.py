"""Requirements that no requirements file contains: those of a project, of dependency groups, of a script."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright import UserError, inline_metadata, normalised_name
from layerwright_pip.requirement import Kind, Target, bad_requirement, parsed
from layerwright_pip.setup_cfg import SETUP_CFG, describes_project, without_build_system

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright import Project

__all__ = [
    "PYPROJECT",
    "Declared",
    "declared_by_groups",
    "declared_by_project",
    "declared_by_script",
    "is_project",
]

PYPROJECT: Final = "pyproject.toml"
# Keys for what the project itself provides, besides its dependencies.
_OWN: Final = ("scripts", "gui-scripts", "entry-points")

_BY_NAME: Final = Target(kind=Kind.INDEX)


class Declared(NamedTuple):
    """Requirements, as lines of a requirements file, with their origin and the words of the log for them.

    ``unread`` are what is there for uv and pip does not read: settings, and a lock file.
    """

    origin: str
    lines: tuple[str, ...]
    words: str
    unread: tuple[str, ...] = ()


def is_project(project: Project, directory: str = ".") -> bool:
    """Return whether *directory* is one that pip can install, or whose ``pyproject.toml`` declares dependencies."""
    file = _within(directory, PYPROJECT)
    return (
        bool({"project", "build-system"} & project.toml(file).keys())
        or project.exists(_within(directory, "setup.py"))
        or (project.exists(file) and describes_project(project, directory))
    )


def declared_by_project(project: Project, directory: str, extras: Iterable[str]) -> Declared:
    """Return the requirements for installing the project in *directory*, with *extras*.

    Without a build system there may be only dependencies to install, as in uv. ``UserError``: there is no project, or
    it has no such extra.
    """
    file = _within(directory, PYPROJECT)
    if not is_project(project, directory):
        if describes_project(project, directory):
            raise without_build_system(directory)
        raise UserError(
            f"{directory} is not a project that pip can install.",
            cause=f"It has neither a {PYPROJECT} with a table [project] or [build-system] nor a setup.py.",
            remedy="Name requirements files, or a project's directory, in `requirements` of [tool.layerwright.pip].",
            reference="not-a-project",
        )
    project.refuse_outside(file)
    pyproject, wanted = project.toml(file), tuple(extras)
    table = pyproject.get("project")
    metadata = table if isinstance(table, dict) else {}
    if _is_package(project, directory, pyproject, metadata):
        words = f"{directory}[{','.join(wanted)}]" if wanted else directory
        line = words if directory == "." or "/" in directory else f"./{words}"
        names = (*((PYPROJECT,) if metadata else ()), "setup.py", SETUP_CFG, PYPROJECT)
        origin = next(filter(project.exists, (_within(directory, name) for name in names)))
        return Declared(origin, (line,), words)
    optional = metadata.get("optional-dependencies")
    lines = _requirements(project, file, "project.dependencies", metadata.get("dependencies", []))
    for extra in wanted:
        found = optional.get(extra) if isinstance(optional, dict) else None
        if found is None:
            raise _unknown("extra", extra, optional, file)
        lines += _requirements(project, file, f"project.optional-dependencies.{extra}", found)
    return Declared(file, lines, f"(dependencies of {file})")


def declared_by_groups(project: Project, groups: Iterable[str]) -> Declared | None:
    """Return the requirements of the dependency *groups* (PEP 735) of ``pyproject.toml``, ``None`` without any.

    ``UserError``: there is no such group, or it is malformed.
    """
    wanted = tuple(groups)
    if not wanted:
        return None
    project.refuse_outside(PYPROJECT)
    from packaging.dependency_groups import resolve_dependency_groups

    table = project.toml(PYPROJECT).get("dependency-groups")
    known = table if isinstance(table, dict) else {}
    names = set(map(normalised_name, known))
    for group in wanted:
        if normalised_name(group) not in names:
            raise _unknown("dependency group", group, known, PYPROJECT)
    try:
        lines = resolve_dependency_groups(known, *wanted)
    except (ValueError, TypeError, ExceptionGroup) as error:
        raise UserError(
            f"The dependency groups in {PYPROJECT} are malformed.",
            cause=f"{_words(error)}.",
            remedy=f"Correct [dependency-groups] in {PYPROJECT} (PEP 735).",
            reference="malformed-dependency-groups",
        ) from error
    return Declared(PYPROJECT, lines, " ".join(f"--group {group}" for group in wanted))


def declared_by_script(project: Project, name: str) -> Declared:
    """Return the requirements in the inline metadata (PEP 723) of the script *name*. ``UserError``: it has none."""
    metadata = inline_metadata(project, name)
    if metadata is None:
        raise UserError(
            f"{name} has no inline metadata.",
            cause="A script declares its dependencies in comments that begin with `# /// script` (PEP 723).",
            remedy=f"Add the block: uv add --script {name} NAME. Or name a requirements file.",
            reference="script-without-metadata",
        )
    lines = _requirements(project, name, "dependencies", metadata.get("dependencies", []))
    tools = metadata.get("tool")
    of_uv = tools.get("uv") if isinstance(tools, dict) else None
    unread = [f"{key} in [tool.uv]" for key in (of_uv if isinstance(of_uv, dict) else ())]
    unread += [lock] if project.exists(lock := f"{name}.lock") else []
    return Declared(name, lines, f"(dependencies of {name})", tuple(unread))


def _is_package(
    project: Project, directory: str, pyproject: Mapping[str, Any], metadata: Mapping[str, Any]
) -> bool:
    """Return whether there is more to install than static dependencies."""
    dynamic = metadata.get("dynamic")
    return (
        "build-system" in pyproject
        or describes_project(project, directory)
        or project.exists(_within(directory, "setup.py"))
        or any(key in metadata for key in _OWN)
        or (
            isinstance(dynamic, list)
            and bool({"dependencies", "optional-dependencies"}.intersection(map(str, dynamic)))
        )
        or project.is_directory(_within(directory, "src"))
    )


def _requirements(project: Project, file: str, key: str, value: object) -> tuple[str, ...]:
    """Return the requirements (PEP 508) that *key* in *file* has as its *value*.

    They become lines of a requirements file, where an option or a path has another meaning. ``UserError``: one is not
    a requirement.
    """
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _malformed(file, key, "It is not an array of strings.")
    problems = (
        f"{item}: {words}"
        for item in value
        if not _is_direct_reference(item) and (words := bad_requirement(item, _BY_NAME, project))
    )
    shown = [project.quoted(file, problem) for problem in problems]
    if shown:
        raise _malformed(file, key, "\n".join(shown))
    return tuple(value)


def _is_direct_reference(item: str) -> bool:
    """Return whether *item* has the form ``name @ URL``, on one line: a URL of PEP 508 may contain a line break."""
    found = parsed(item) if "@" in item and item.isprintable() else None
    return found is not None and found.url is not None


def _malformed(file: str, key: str, cause: str) -> UserError:
    return UserError(
        f"{key} in {file} has an entry that is not a requirement.",
        cause=cause,
        remedy=f'Correct {key} in {file}. Each entry is a string such as "flask>=3.1" (PEP 508).',
        reference="malformed-dependencies",
    )


def _unknown(kind: str, name: str, known: object, file: str) -> UserError:
    names = ", ".join(map(str, known)) if isinstance(known, dict) and known else "none"
    return UserError(
        f'{file} has no {kind} "{name}".',
        cause=f"The configuration names it. {file} has: {names}.",
        remedy=f"Correct [tool.layerwright.pip], or add it to {file}.",
        reference="unknown-extra-or-group",
    )


def _words(error: BaseException) -> str:
    errors = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
    return "; ".join(str(one).rstrip(".") for one in errors)


def _within(directory: str, name: str) -> str:
    return os.path.normpath(os.path.join(directory, name))  # noqa: PTH118  # names of files, not paths
