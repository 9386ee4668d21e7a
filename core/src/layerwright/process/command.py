"""Commands as values: what to run, and how it ended."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple

from layerwright.files.frozen import frozen
from layerwright.process.redaction import SecretStr, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from layerwright.process.failures.diagnosis import Diagnosis

__all__ = ["Command", "Completed"]


@frozen
class Command:
    """A process to run: an argument vector, never a shell string.

    Its arguments, ``env`` without secrets, ``cwd`` and ``stdin`` are inputs of the layer that it fills.
    """

    argv: tuple[str, ...]
    """The program, by its path, and its arguments."""

    env: Mapping[str, str | SecretStr | None] = field(default_factory=dict)
    """Variables that are added to the environment of the runner; ``None`` removes one."""

    cwd: Path | None = None
    """The working directory, the application directory by default."""

    stdin: str = ""
    """The standard input, empty by default."""

    shown: str = ""
    """What the log shows instead of the arguments."""

    remedy: tuple[str, ...] = ()
    """What to do after a failure to which no diagnosis applies, in order."""

    reference: str = "command-failed"
    """The id of the error after such a failure, in kebab-case."""

    diagnoses: tuple[Diagnosis, ...] | Callable[[], tuple[Diagnosis, ...]] = ()
    """The first of them that applies decides the error of a non-zero exit. A function that returns them is called
    only then, so that other builds need not import it."""

    without_effect: frozenset[str] = frozenset()
    """Variables of ``env`` that are no inputs: they do not change the result, such as a proxy, or the plugin adds
    them to the inputs in another form."""

    def __post_init__(self) -> None:
        if not self.argv or not isinstance(self.argv, tuple):
            raise TypeError("a Command's argv is a non-empty tuple of strings")

    @property
    def words(self) -> str:
        """The text that the log shows for this command."""
        if self.shown:
            return redacted(self.shown, self.secrets)
        import shlex

        return redacted(shlex.join(self.argv), self.secrets)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret values that neither the log of the command nor its output may contain."""
        return tuple(v.get_secret_value() for v in self.env.values() if isinstance(v, SecretStr))

    @property
    def without_secrets(self) -> Command:
        """The same command without the secrets in its environment."""
        return replace(self, env={k: None if isinstance(v, SecretStr) else v for k, v in self.env.items()})


class Completed(NamedTuple):
    """How a command ended: its status and its redacted output, both streams together, without colours."""

    returncode: int
    output: str
