"""Commands as values: what to run, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from layerwright.process.redaction import SecretStr, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Command", "Completed"]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A process to run: an argument vector, never a shell string.

    ``env`` is added to the environment that the runner composes; ``None`` takes a variable out of it.
    ``stdin`` is what the process can read; without it standard input is empty. ``shown`` is what the log
    prints instead of the arguments. ``remedy`` and ``reference`` are for the error that a non-zero exit becomes;
    it repeats those of the last lines of output in which ``telling``, a regular expression, is found.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str | SecretStr | None] = field(default_factory=dict)
    cwd: Path | None = None
    stdin: str = ""
    shown: str = ""
    remedy: tuple[str, ...] = ()
    reference: str = "command-failed"
    telling: str = ""

    def __post_init__(self) -> None:
        if not self.argv or not isinstance(self.argv, tuple):
            raise TypeError("a Command's argv is a non-empty tuple of strings")

    @property
    def words(self) -> str:
        """The words that the log shows for this command."""
        if self.shown:
            return redacted(self.shown, self.secrets)
        import shlex

        return redacted(shlex.join(self.argv), self.secrets)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret values that must appear neither in what the log shows of the command nor in what it prints."""
        return tuple(v.get_secret_value() for v in self.env.values() if isinstance(v, SecretStr))

    @property
    def without_secrets(self) -> Command:
        """The same command with none of the secrets that its environment has."""
        return replace(self, env={k: None if isinstance(v, SecretStr) else v for k, v in self.env.items()})


class Completed(NamedTuple):
    """How a command ended: its status and its redacted output, both streams together, without colours."""

    returncode: int
    output: str
