"""Commands as values: what to run, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from layerwright.process.redaction import SecretStr, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.process.failures.diagnosis import Diagnosis

__all__ = ["Command", "Completed"]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A process to run: an argument vector, never a shell string.

    ``env`` is added to the environment of the runner; ``None`` removes a variable. ``cwd`` is the application directory
    by default. ``stdin`` is the standard input, empty by default. The log shows ``shown`` instead of the arguments.

    The first of ``diagnoses`` that applies decides the error of a non-zero exit. ``remedy`` and ``reference`` are for
    a failure to which none applies.

    Its arguments, ``env`` without secrets, ``cwd`` and ``stdin`` are inputs of the layer that it fills. Variables of
    ``env`` in ``without_effect`` are not: they do not change the result, such as a proxy, or the plugin adds them to
    the inputs in another form.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str | SecretStr | None] = field(default_factory=dict)
    cwd: Path | None = None
    stdin: str = ""
    shown: str = ""
    remedy: tuple[str, ...] = ()
    reference: str = "command-failed"
    diagnoses: tuple[Diagnosis, ...] = ()
    without_effect: frozenset[str] = frozenset()

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
