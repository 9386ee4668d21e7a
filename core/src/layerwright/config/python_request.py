"""The requested Python version, and its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.config.version_files import other_files, read_version, version_file
from layerwright.errors import UserError
from layerwright.files.frozen import frozen
from layerwright.pythons.interpreter import VersionSource
from layerwright.pythons.specifiers import version_matcher
from layerwright.pythons.support import MINORS

if TYPE_CHECKING:
    from layerwright.files.project import Project

__all__ = ["PythonRequest", "request_python"]

DEFAULT_SPECIFIER: Final = ">=3.11"
PREFERRED_MINOR: Final = "3.14"
"""The newest minor version that has been final for half a year, which most distributions support by then.

3.14 is final since 2025-10-07; 3.15 follows in April 2027 (https://devguide.python.org/versions/).
"""
PROJECT_FILE: Final = "pyproject.toml"


@frozen
class PythonRequest:
    """Every source of a version, the winner first, and the bounds that the winner must satisfy.

    ``given`` is a source outside the application: it chooses where bounds leave a choice. ``warnings`` are about
    files of other tools that name no version.
    """

    sources: tuple[VersionSource, ...]
    bounds: tuple[VersionSource, ...]
    given: VersionSource | None = None
    warnings: tuple[str, ...] = ()

    @property
    def winner(self) -> VersionSource:
        """The source that decides."""
        return self.sources[0]

    @property
    def prefer(self) -> tuple[str, ...]:
        """Specifiers for choosing among several matching versions, the strongest first."""
        preferred = f"=={PREFERRED_MINOR}.*"
        if self.given is None or self.winner not in self.bounds:
            return (preferred,)
        return (f"{self.given.specifier},{preferred}", self.given.specifier, preferred)

    @property
    def within(self) -> str:
        """The bounds, as one specifier set."""
        return ",".join(bound.specifier for bound in self.bounds)

    @property
    def best_minor(self) -> str:
        """The minor version that would be chosen of all known ones; empty if a patch release was requested."""
        required = [version_matcher(source.specifier) for source in (self.winner, *self.bounds)]
        known = [
            minor for minor in MINORS if any(all(fits(v) for fits in required) for v in _releases(minor))
        ]
        preferred = (m for p in map(version_matcher, self.prefer) for m in known if any(map(p, _releases(m))))
        return next(preferred, known[0] if known else "")

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


def _releases(minor: str) -> tuple[str, str]:
    """Return a first and a late patch release of *minor*."""
    return f"{minor}.0", f"{minor}.99"


def request_python(
    project: Project,
    *,
    configured: VersionSource | None,
    pinned: VersionSource | None = None,
    locked: VersionSource | None = None,
    given: VersionSource | None = None,
) -> PythonRequest:
    """Return the requested Python: the first source that names a version wins.

    The sources are the configuration, ``.python-version``, what the package manager's files pin, files of other
    tools, ``requires-python`` of the project table, the versions that the lock file supports, *given*, which comes
    from outside the application, and the default. The winner must satisfy the project table and the lock file. If
    both have the same text, *locked* defines its meaning: a package manager may have its own notation, such as
    Poetry's ``^3.11``.
    """
    required = _requires_python(project, locked)
    default = VersionSource(origin="default", value=DEFAULT_SPECIFIER, specifier=DEFAULT_SPECIFIER)
    bounds = tuple(bound for bound in (required, locked) if bound is not None)
    others = other_files(project)
    stronger = [source for source in (configured, version_file(project), pinned) if source is not None]
    weaker = (default,) if given is None else (given, default)
    return PythonRequest(
        sources=(*stronger, *others.sources, *bounds, *weaker),
        bounds=bounds,
        given=given,
        warnings=others.warnings,
    )


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
    return read_version(project, PROJECT_FILE, origin, value)
