"""The requested Python version, and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError
from layerwright.pythons.interpreter import VersionSource, specifier
from layerwright.pythons.specifiers import version_matcher

if TYPE_CHECKING:
    from layerwright.project import Project

__all__ = ["PythonRequest", "request_python"]

DEFAULT_SPECIFIER: Final = ">=3.11"
PREFERRED_MINOR: Final = "3.14"
PROJECT_FILE: Final = "pyproject.toml"
VERSION_FILE: Final = ".python-version"


@dataclass(frozen=True, kw_only=True)
class PythonRequest:
    """Every source of a version, the winner first, and the bounds that the winner must satisfy.

    ``given`` is a source outside the application: it chooses where bounds leave a choice.
    """

    sources: tuple[VersionSource, ...]
    bounds: tuple[VersionSource, ...]
    given: VersionSource | None = None

    @property
    def winner(self) -> VersionSource:
        """The source that decides."""
        return self.sources[0]

    @property
    def prefer(self) -> str:
        """A specifier for choosing among several matching versions; empty if a version was requested."""
        if self.given is not None and self.winner in self.bounds:
            return self.given.specifier
        return f"=={PREFERRED_MINOR}.*" if self.winner.origin == "default" else ""

    def check(self, version: str) -> None:
        """Raise a ``UserError`` if ``requires-python`` or a lock file excludes *version* (PEP 440, PEP 621)."""
        bound = next((bound for bound in self.bounds if not version_matcher(bound.specifier)(version)), None)
        if bound is None:
            return
        raise UserError(
            f"Python {version} is excluded by the application.",
            cause=f"{self.winner.origin} asks for {self.winner.value}, and {bound.origin} is {bound.value}.",
            remedy=(
                f"Change {self.winner.origin} to a version that {bound.value} allows,",
                f"or widen {bound.origin}.",
            ),
            reference="requires-python",
        )


def request_python(
    project: Project,
    *,
    configured: VersionSource | None,
    pinned: VersionSource | None = None,
    locked: VersionSource | None = None,
    given: VersionSource | None = None,
) -> PythonRequest:
    """Return the requested Python: the first source that names a version wins.

    The sources are the configuration, ``.python-version``, what the package manager's files pin, ``requires-python``
    of the project table, the versions that the lock file supports, *given*, which comes from outside the application,
    and the default. The winner must satisfy the project table and the lock file. If both have the same text, *locked*
    defines its meaning: a package manager may have its own notation, such as Poetry's ``^3.11``.
    """
    required = _requires_python(project, locked)
    default = VersionSource(origin="default", value=DEFAULT_SPECIFIER, specifier=DEFAULT_SPECIFIER)
    bounds = tuple(bound for bound in (required, locked) if bound is not None)
    found = [source for source in (configured, _version_file(project), pinned) if source is not None]
    others = (default,) if given is None else (given, default)
    return PythonRequest(sources=(*found, *bounds, *others), bounds=bounds, given=given)


def _requires_python(project: Project, locked: VersionSource | None) -> VersionSource | None:
    table = project.toml(PROJECT_FILE).get("project")
    value = table.get("requires-python") if isinstance(table, dict) else None
    if value is None:
        return None
    origin = f"project.requires-python in {PROJECT_FILE}"
    if not isinstance(value, str):
        raise UserError(
            f"{origin} is not a string.",
            cause=f"It is {project.quoted(PROJECT_FILE, repr(value))}.",
            remedy='Write a PEP 440 specifier in quotes, for example: requires-python = ">=3.13"',
            reference="bad-python-version",
        )
    value = value.strip()
    if locked is not None and locked.value == value:
        return VersionSource(origin=origin, value=value, specifier=locked.specifier)
    return _source(project, PROJECT_FILE, origin, value)


def _version_file(project: Project) -> VersionSource | None:
    if project.read(VERSION_FILE) is None:
        return None
    text = project.text(VERSION_FILE)
    lines = [line.strip() for line in text.splitlines()]
    values = [line for line in lines if line and not line.startswith("#")]
    if len(values) != 1:
        shown = project.quoted(VERSION_FILE, ", ".join(values))
        problem = f"It names {len(values)}: {shown}." if values else "It names none."
        raise UserError(
            f"{VERSION_FILE} must name one Python version.",
            cause=problem,
            remedy=f"Leave one line in {VERSION_FILE}, for example: 3.13",
            reference="python-version-file",
        )
    return _source(project, VERSION_FILE, VERSION_FILE, values[0])


def _source(project: Project, file: str, origin: str, value: str) -> VersionSource:
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
