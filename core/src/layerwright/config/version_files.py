"""Files in which an application names its Python version: ``.python-version``, and those of other tools."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.errors import UserError
from layerwright.pythons.interpreter import VersionSource, specifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.files.project import Project

__all__ = ["VERSION_FILE", "OtherFiles", "other_files", "read_version", "version_file"]

VERSION_FILE: Final = ".python-version"
_VERSION: Final = r"3|[0-9]+\.[0-9]+(?:\.[0-9]+)?"
_CPYTHON: Final = r"(?i)cpython[-@]?(?=[0-9])"


class OtherFiles(NamedTuple):
    """The versions that files of other tools name, and a warning for each such file that names none."""

    sources: tuple[VersionSource, ...]
    warnings: tuple[str, ...]


def version_file(project: Project) -> VersionSource | None:
    """Return the version in ``.python-version``, ``None`` if the file does not exist.

    As in pyenv and uv, it may be in a directory above the application, as far as that is in the source tree; a
    comment begins with ``#``; ``cpython-3.12`` is ``3.12``. ``UserError``: the file names no version, or several.
    """
    file = next((name for name in project.upward(VERSION_FILE) if project.read(name) is not None), None)
    if file is None:
        return None
    lines = [_without_comment(line).strip() for line in project.text(file).splitlines()]
    values = [line for line in lines if line]
    if len(values) != 1:
        shown = project.quoted(file, ", ".join(values))
        problem = f"It names {len(values)}: {shown}." if values else "It names none."
        raise UserError(
            f"{file} must name one Python version.",
            cause=problem,
            remedy=f"Leave one line in {file}, for example: 3.13",
            reference="python-version-file",
        )
    return read_version(project, file, file, _without_implementation(values[0]))


def other_files(project: Project) -> OtherFiles:
    """Return what ``.tool-versions``, ``mise.toml`` and ``runtime.txt`` say about Python.

    They belong to other tools, so a mistake in one is a warning, and the file is ignored. Those of asdf and mise may
    be in a directory above the application, as far as that is in the source tree.
    """
    sources, warnings = [], []
    for file, read in _READERS.items():
        for name in project.upward(file) if file in _SEARCHED_UPWARD else (file,):
            found = _read(project, name, read) if project.exists(name) else None
            if isinstance(found, VersionSource):
                sources.append(found)
                break
            if found is not None:
                warnings.append(found)
    return OtherFiles(tuple(sources), tuple(warnings))


def _read(
    project: Project, name: str, read: Callable[[Project, str], tuple[str, str] | None]
) -> VersionSource | str | None:
    """Return the version in the file *name*, a warning if it has none that is valid, ``None`` if it has none."""
    try:
        found = read(project, name)
    except UserError as error:
        return f"{name} is ignored: {error.summary}\n{error.cause}"
    if found is None:
        return None
    key, value = found
    origin = f"{key} in {name}" if key else name
    if re.fullmatch(_VERSION, value):
        meaning = "==3.*" if value == "3" else specifier(value, origin)
        return VersionSource(origin=origin, value=value, specifier=meaning)
    return (
        f"{origin} is ignored: {project.quoted(name, value)} is not a version of CPython, such as 3.13 or 3.13.2.\n"
        f"Correct it, or name the version in {VERSION_FILE}."
    )


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line) if "#" in line else line


def _without_implementation(value: str) -> str:
    return re.sub(_CPYTHON, "", value) if "cpython" in value.lower() else value


def read_version(project: Project, file: str, origin: str, value: str) -> VersionSource:
    """Return *value*, a version or a PEP 440 specifier in *file*; ``UserError``: it is neither.

    Nothing of a file outside the application is shown.
    """
    try:
        meaning = specifier(value, origin)
    except UserError as error:
        if not project.is_outside(file):
            raise
        raise UserError(
            f"{origin} is not a Python version.",
            cause=f"It is {project.quoted(file, value)}.",
            remedy=error.remedy,
            reference=error.reference,
        ) from None
    return VersionSource(origin=origin, value=value, specifier=meaning)


def _tool_versions(project: Project, name: str) -> tuple[str, str] | None:
    # The first of several is the one that `python` starts: https://asdf-vm.com/manage/configuration.html
    found = re.search(r"^\s*python\s+([^\s#]+)", project.text(name), re.MULTILINE)
    return ("", found[1]) if found else None


def _mise(project: Project, name: str) -> tuple[str, str] | None:
    # https://mise.jdx.dev/configuration.html
    value = _table(project.toml(name), "tools").get("python")
    first = value[0] if isinstance(value, list) and value else value
    version = first.get("version") if isinstance(first, dict) else first
    return None if version is None else ("tools.python", str(version))


def _runtime(project: Project, name: str) -> tuple[str, str] | None:
    # https://devcenter.heroku.com/articles/python-runtimes
    lines = project.text(name).split()
    return (
        ("", lines[0].removeprefix("python-") if lines[0].startswith("python-") else lines[0])
        if lines
        else None
    )


def _table(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


_SEARCHED_UPWARD: Final = frozenset({".tool-versions", "mise.toml", ".mise.toml"})
_READERS: Final[Mapping[str, Callable[[Project, str], tuple[str, str] | None]]] = {
    ".tool-versions": _tool_versions,
    "mise.toml": _mise,
    ".mise.toml": _mise,
    "runtime.txt": _runtime,
}
