"""The vulnerability databases of a build, which opens each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.audit.sources.database import Database
    from layerwright.build.request import BuildRequest
    from layerwright.output.log import Log

__all__ = ["Databases", "databases_of"]

_HOUR: Final = 60 * 60
_PLACE: Final = "vulnerabilities"


class Databases:
    """Opens databases by their names in a policy; relative paths are below *root*, the application directory.

    The directory *place* keeps indexes and copies, and *log* says what takes time and what could not be refreshed. A
    mirror is not asked again within *trusted_for* seconds, by default an hour, so that builds in a loop do not wait.
    """

    def __init__(self, root: Path, place: Path, log: Log, *, trusted_for: float = _HOUR) -> None:
        self._trusted_for: Final = trusted_for
        self._root: Final = root
        self._place: Final = place
        self._log: Final = log
        self._opened: Final[dict[str, Database]] = {}

    def named(self, name: str) -> Database:
        """Return the database *name*, as ``open_database`` does."""
        # A policy without this rule does without the imports.
        from layerwright.build.audit.sources.choose import PUBLIC, open_database

        if name not in self._opened:
            below = self._below(name)
            if below is None and name != PUBLIC and "://" not in name:
                # The error must say where it was looked for.
                below = self._root / name
            self._opened[name] = open_database(
                str(below) if below else name,
                self._place,
                told=self._log.note,
                warn=self._log.warning,
                trusted_for=self._trusted_for,
            )
        return self._opened[name]

    def digest(self, name: str) -> str:
        """Return the digest of the records of the database *name*, which is opened only if they may have changed."""
        from layerwright.build.audit.sources.stamped import copy_of, known_digest

        below, known = self._below(name), ""
        if below is not None:
            known = known_digest(below, self._place)
        elif name.startswith(("https://", "http://")):
            import time

            copy = copy_of(name, self._place)
            if copy.file.is_file() and time.time() - copy.facts_read()[1] < self._trusted_for:
                known = known_digest(copy.file, self._place, copy.key)
        return known or self.named(name).digest

    def _below(self, name: str) -> Path | None:
        """Return the absolute path of the dump *name*; ``None``: it is none, or does not exist."""
        below = self._root / name
        return below.resolve() if below.exists() else None


def databases_of(request: BuildRequest, log: Log) -> Databases:
    """Return the databases of the build *request*; without a place that lasts, they are read again by the next one."""
    return Databases(request.project.root, request.databases or request.report.with_name(_PLACE), log)
