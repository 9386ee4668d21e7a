"""The choices of a build or an explanation, and what they are based on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.config.version_files import VERSION_FILE
from layerwright.files.frozen import frozen
from layerwright.pythons.provider import minor_of
from layerwright.pythons.support import end_of_life

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from layerwright.build.choose.variables import Variables
    from layerwright.build.indexes.join import Joined
    from layerwright.config.python_request import PythonRequest
    from layerwright.config.reading import Configuration, ToolSettings
    from layerwright.contract.package_manager import PackageManager
    from layerwright.errors import CommandFailed
    from layerwright.plugins.host import Plugins
    from layerwright.pythons.provider import Candidate, Provider

__all__ = ["Prepared"]

# The failures of an installation that another version of Python, for which there are wheels, may not have.
_OF_PYTHON: Final = frozenset({
    "distribution-not-built",
    "missing-header",
    "missing-library",
    "missing-program",
    "no-such-version",
    "not-for-this-python",
})  # fmt: skip


@frozen
class Prepared:
    """The package manager with its settings and evidence, and the interpreter with the request for it.

    ``others`` are the package managers whose tools it uses. ``joined`` is what is given for package indexes.
    """

    configuration: Configuration
    plugins: Plugins
    manager: PackageManager
    others: tuple[PackageManager, ...]
    reason: str
    python_request: PythonRequest
    provider: Provider
    candidate: Candidate
    today: date
    variables: Variables
    launches_here: bool = True
    passed_over: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    joined: Joined | None = None
    supply_words: tuple[str, ...] = ()

    @property
    def settings(self) -> ToolSettings:
        """The package manager's settings."""
        settings: ToolSettings = self.configuration.tools[self.manager.name]
        return settings

    @property
    def label(self) -> str:
        """The plugin of the package manager with its version, for errors."""
        return self.plugins.provider(self.manager.name).label

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of the commands that build."""
        return self.variables.for_commands

    @property
    def words(self) -> tuple[str, ...]:
        """A line for a bundle and each index, and a sentence for each kind of variables that commands do not get."""
        return (*self.supply_words, *(self.joined.notes if self.joined else ()), *self.variables.words)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings about plugins and about indexes."""
        return (*self.plugins.warnings, *(self.joined.warnings if self.joined else ()))

    @property
    def command_environment(self) -> dict[str, str]:
        """The environment that every command starts from: the user's variables, and those for all programs."""
        return {
            **self.environment,
            # Core compiles bytecode once, hash-based; bytecode that a tool writes would be stale after a restore.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            # Compilers translate their messages, and diagnoses match the English ones.
            "LANGUAGE": "C",
        }

    def write_files(self) -> None:
        """Write the files that the variables of indexes name, beside the report of the build."""
        if self.joined is not None:
            self.joined.write_files()

    def amended(self, error: CommandFailed) -> CommandFailed:
        """Return *error* with the name of the index that it is about, if indexes are given."""
        if self.joined is None:
            return error
        from layerwright.build.indexes.refused import naming_index

        return naming_index(error, self.joined.indexes)

    @property
    def end_of_life(self) -> str:
        """A warning if the chosen Python no longer gets security fixes, else nothing."""
        end, minor = end_of_life(self.candidate.version), minor_of(self.candidate.version)
        if end is None or self.today < end:
            return ""
        return (
            f"Python {minor} has had no security fixes since its end of life, {end.isoformat()}.\n"
            f"Move to a newer one: {self.python_request.winner.origin} decides."
        )

    @property
    def python_warnings(self) -> tuple[str, ...]:
        """The warnings about the chosen Python: its end of life, and files that should name one and do not."""
        return (*filter(None, [self.end_of_life]), *self.unread)

    @property
    def python_words(self) -> tuple[str, ...]:
        """The interpreter and its origin; each source of a version, the winner marked; unsuitable interpreters."""
        request, candidate = self.python_request, self.candidate
        seen = (
            f"{s.origin}: {s.value}{' (decides)' if s is request.winner else ''}" for s in request.sources
        )
        return (
            f"Python {candidate.version} from {candidate.provider}: {candidate.origin}",
            *seen,
            *self.passed_over,
            *filter(None, [self._elsewhere]),
        )

    @property
    def as_json(self) -> dict[str, Any]:
        """The choices as JSON values, for explanations and records."""
        policy = self.configuration.policy
        return {
            "package-manager": {"name": self.manager.name, "reason": self.reason},
            "python": {
                "version": self.candidate.version,
                "provider": self.candidate.provider,
                "origin": self.candidate.origin,
                "sources": [
                    {"origin": s.origin, "value": s.value, "wins": s is self.python_request.winner}
                    for s in self.python_request.sources
                ],
            },
            "policy": policy and policy.as_json(self.today),
        }

    def default_words(self, reference: str) -> str:
        """Return a sentence if no file or setting names the version of Python, and another one could be the remedy.

        *reference* is that of the error.
        """
        if self.python_request.winner.origin != "default" or reference not in _OF_PYTHON:
            return ""
        return (
            f"No file names a Python version, so Python {minor_of(self.candidate.version)} was chosen. If the"
            f" requirements are for another one, write it to {VERSION_FILE}."
        )

    @property
    def _elsewhere(self) -> str:
        """The Python of an image, if it is another minor version than that of this machine."""
        best = self.python_request.best_minor
        if not self.launches_here:
            return ""
        if self.candidate.provider != "system" or best in ("", minor_of(self.candidate.version)):
            return ""
        return f"an image gets Python {best}: to build with the same one here and there, name it in {VERSION_FILE}"
