"""Read requirements files and all files that they include: the requirements, and whether they are locked."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import field
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import frozen
from layerwright_pip.encoding import decoded
from layerwright_pip.requirement import (
    Kind,
    Requirement,
    bad_requirement,
    local_path,
    path_of,
    target,
)
from layerwright_pip.requirement_line import (
    credential_variables,
    expanded,
    logical_lines,
    parse_line,
    variables,
)
from layerwright_pip.requirements_errors import (
    MOST_INCLUDED,
    bad,
    bare_name,
    missing,
    recursive,
    refuse_unlikely,
    too_many,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright import Project
    from layerwright_pip.declared import Declared
    from layerwright_pip.requirement_line import Line

__all__ = ["Closure", "OptionLine", "read_closure"]

_URLS: Final = ("http:", "https:", "file:")
_BARE_NAME: Final = r"[\w.-]+"


class OptionLine(NamedTuple):
    """A line of options, as written. ``find_links`` is the local directory that it names, relative to its file."""

    place: str
    text: str
    find_links: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines with the same meaning in another file. pip first looks for a relative directory beside the file."""
        return (self.text, f"--find-links {self.find_links}") if self.find_links else (self.text,)


@frozen
class Closure:
    """The content of requirements files and of every file that they include.

    ``files`` has the digest of each file, in the order in which pip reads them. ``variables`` are the variables
    that are set and are more than credentials of a URL. ``unprovable`` names, with its place, each requirement
    that can change while neither the files nor pip's resolution change. ``hash_checked``: only distributions with
    a given hash are installed. ``hash_locked``: nothing can change, because every requirement has a hash.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    options: tuple[OptionLine, ...] = ()
    variables: tuple[str, ...] = ()
    unprovable: tuple[str, ...] = ()
    hash_checked: bool = False
    hash_locked: bool = False

    @property
    def local(self) -> tuple[str, ...]:
        """The archives and directories on this machine that are installed."""
        paths = (r.target.path for r in self.requirements if not r.editable)
        return tuple(dict.fromkeys(filter(None, paths)))

    @property
    def built_otherwise(self) -> tuple[str, ...]:
        """The places that change how a distribution is built, and so what is installed."""
        return tuple(f"{r.place} has build options" for r in self.requirements if r.has_build_options)


def read_closure(
    project: Project,
    environment: Mapping[str, str],
    requirements: Iterable[str],
    *,
    constraints: Iterable[str] = (),
    declared: Iterable[Declared] = (),
) -> Closure:
    """Read *requirements* and *constraints*, names of files, and everything that they include, and what is *declared*.

    Raises ``UserError`` if a file is missing, includes itself or has a line that is not a requirement.
    """
    reading = _Reading(project, environment)
    for name in constraints:
        reading.include(name, constraint=True)
    for name in requirements:
        reading.include(name, constraint=False)
    for one in declared:
        reading.add_declared(one)
    return reading.closure()


class _Reading:
    def __init__(self, project: Project, environment: Mapping[str, str]) -> None:
        self._project = project
        # Asked for each line of a file, and it resolves links.
        self._is_outside = cache(project.is_outside)
        self._environment = environment
        self._files: dict[str, str] = {}
        self._requirements: list[Requirement] = []
        self._options: list[OptionLine] = []
        self._variables: set[str] = set()
        self._unprovable: list[str] = []
        self._problems: list[str] = []
        self._require_hashes: set[bool] = set()
        self._included = 0

    def include(self, name: str, *, constraint: bool, place: str = "", within: tuple[str, ...] = ()) -> None:
        if _is_url(name):
            if not name.lower().startswith("file:"):
                self._unprovable.append(f"{place or 'requirements'} is a file from the network")
                return
            name = path_of(name)
        name = os.path.normpath(name)
        if name in within:
            raise recursive((*within[within.index(name) :], name), place)
        self._included += 1
        if self._included > MOST_INCLUDED:
            raise too_many(place)
        # The application does not choose the files that pip's own settings name.
        if (within or not constraint) and self._is_outside(name):
            refuse_unlikely(name, self._project.path(name))
        data = self._project.read(name)
        if data is None and within and self._is_outside(within[-1]):
            self._problems.append(f"{place}: {self._project.quoted(within[-1], name)}")
            return
        if data is None:
            raise missing(name, place)
        self._files[name] = self._project.digest(name)
        for number, raw in logical_lines(decoded(self._project, name, data)):
            self._read_line(name, number, raw, constraint=constraint, within=(*within, name))
        # At the end of the file, to report all its bad lines at once.
        if self._problems:
            raise bad(self._problems)

    def add_declared(self, declared: Declared) -> None:
        name = f"{declared.words} in {declared.origin}" if declared.words.startswith("-") else declared.origin
        text = "\n".join(declared.lines)
        self._files[name] = hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
        for number, line in enumerate(declared.lines, 1):
            self._read_line(name, number, line, constraint=False, within=(declared.origin,))
        if self._problems:
            raise bad(self._problems)

    def closure(self) -> Closure:
        wanted = [r for r in self._requirements if not r.constraint]
        checked = False not in self._require_hashes and (
            True in self._require_hashes or any(r.hashes for r in self._requirements)
        )
        return Closure(
            files=self._files,
            requirements=tuple(self._requirements),
            options=tuple(self._options),
            variables=tuple(sorted(self._variables)),
            unprovable=tuple(dict.fromkeys(self._unprovable)),
            hash_checked=checked,
            hash_locked=not self._unprovable and all(checked and r.has_hash for r in wanted),
        )

    def _read_line(
        self, file: str, number: int, raw: str, *, constraint: bool, within: tuple[str, ...]
    ) -> None:
        place = f"{file}:{number}"
        line = parse_line(expanded(raw, self._environment))
        used = set(variables(raw)) - credential_variables(raw)
        self._variables |= {name for name in used if self._environment.get(name)}
        if line.problem and self._is_outside(file):
            # pip may accept the line, but pip would also print it.
            self._problems.append(f"{place}: {self._project.quoted(file, raw)}")
        elif line.problem:
            self._unprovable.append(f"{place} has options that Layerwright cannot read ({line.problem})")
        if line.requirement:
            # The application does not choose the files that pip's own settings name.
            chosen = not line.editable and (len(within) > 1 or not constraint)
            if chosen and re.fullmatch(_BARE_NAME, line.requirement) and self._is_outside(file):
                raise bare_name(place)
            self._add(file, number, raw, line, constraint=constraint)
        elif line.include:
            name = line.include if _is_url(line.include) else _beside(file, line.include)
            self.include(name, constraint=line.include_constraints, place=place, within=within)
        else:
            self._add_options(file, place, raw, line)

    def _add(self, file: str, number: int, raw: str, line: Line, *, constraint: bool) -> None:
        requirement = Requirement(
            file=file,
            line=number,
            text=parse_line(raw).requirement if variables(raw) else line.requirement,
            target=target(line.requirement, self._project, editable=line.editable),
            editable=line.editable,
            constraint=constraint,
            hashes=line.hashes,
            has_build_options=line.has_build_options,
        )
        self._requirements.append(requirement)
        problem = bad_requirement(line.requirement, requirement.target, self._project)
        is_hidden = self._is_outside(file)
        if line.editable:
            problem = (
                "no repository"
                if requirement.target.kind is Kind.VCS and ":" not in requirement.target.url
                else ""
            )
        if problem and not is_hidden:
            self._project.refuse_lost(local_path(line.requirement), requirement.place)
        # pip reports what is wrong with an editable one, unless its lines must not be printed.
        if problem and (is_hidden or not line.editable):
            said = self._project.quoted(file, f"{requirement.text}: {problem}")
            self._problems.append(f"{requirement.place}: {said}")
        reason = _why_unprovable(requirement)
        if reason:
            self._unprovable.append(f"{requirement.place} {reason}")

    def _add_options(self, file: str, place: str, raw: str, line: Line) -> None:
        if line.require_hashes is not None:
            self._require_hashes.add(line.require_hashes)
        beside = _beside(file, line.find_links)
        is_local = line.find_links and self._project.is_directory(beside)
        found = str(self._project.path(beside)) if is_local else ""
        self._options.append(OptionLine(place=place, text=raw, find_links=found))


def _is_url(name: str) -> bool:
    return name.lower().startswith(_URLS)


def _beside(file: str, name: str) -> str:
    return str(PurePath(file).parent / name)


def _why_unprovable(requirement: Requirement) -> str:
    if requirement.editable:
        return "is editable"
    if requirement.target.kind is Kind.VCS:
        return "is a repository"
    return ""
