"""Every error that Layerwright raises on purpose.

::

    LayerwrightError
    ├── UserError            the application or its configuration must change
    │   └── ConfigurationError   one or more values in the configuration are wrong
    ├── SiteError            this machine, its network or its disk prevents the operation
    ├── PluginError          a plugin is defective; names its distribution
    ├── CommandFailed        a command ended with a non-zero status
    └── Interrupted          the user or the platform stopped the build

Any other exception that reaches the process boundary is a defect of Layerwright, and is reported as one. Errors are
raised anywhere and rendered once, at the process boundary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CommandFailed",
    "ConfigurationError",
    "Interrupted",
    "LayerwrightError",
    "PluginError",
    "SiteError",
    "UserError",
]


ERRORS_PAGE: Final = "https://layerwright.example.com/errors.html"
"""The page of the documentation that explains every reference, each below an anchor of its name."""
_EX_TEMPFAIL: Final = 75


class LayerwrightError(Exception):
    """An error with its cause and what to do about it, in the order to do it.

    ``reference`` is a kebab-case identifier that does not change between releases; it is an anchor of the errors page
    of the documentation, ``ERRORS_PAGE``. ``transient``: the same command may succeed later; the exit status is 75,
    ``EX_TEMPFAIL`` of sysexits.h.
    """

    exit_status: int = 1

    def __init__(
        self,
        summary: str,
        *,
        cause: str = "",
        remedy: Sequence[str] | str = (),
        reference: str,
        transient: bool = False,
    ) -> None:
        super().__init__(summary)
        self.transient: Final = transient
        if transient:
            self.exit_status = _EX_TEMPFAIL
        self.summary: Final = summary
        self.cause: Final = cause
        self.remedy: Final[tuple[str, ...]] = (remedy,) if isinstance(remedy, str) else tuple(remedy)
        self.reference: Final = reference


class UserError(LayerwrightError):
    """The application, or its configuration, must change."""


class ConfigurationError(UserError):
    """One or more configured values are wrong; ``problems`` has a line for each, beginning with file and key."""

    def __init__(self, problems: Sequence[str], *, remedy: Sequence[str] | str = ()) -> None:
        self.problems: Final = tuple(problems)
        count = len(self.problems)
        super().__init__(
            "The configuration has a problem." if count == 1 else f"The configuration has {count} problems.",
            cause="\n".join(self.problems),
            remedy=remedy or "Correct the values above, then build again.",
            reference="configuration",
        )


class SiteError(LayerwrightError):
    """This machine, its network or its disk prevents the operation; the application is not at fault."""


class PluginError(LayerwrightError):
    """A plugin is defective; the message names its distribution and version."""


class CommandFailed(LayerwrightError):
    """A command ended with the non-zero status ``returncode`` (negative: the signal that ended it)."""

    def __init__(
        self,
        summary: str,
        *,
        returncode: int,
        cause: str = "",
        remedy: Sequence[str] | str = (),
        reference: str,
        transient: bool = False,
    ) -> None:
        super().__init__(summary, cause=cause, remedy=remedy, reference=reference, transient=transient)
        self.returncode: Final = returncode

    def with_cause(self, cause: str) -> CommandFailed:
        """Return the same error with another *cause*."""
        return CommandFailed(
            self.summary,
            returncode=self.returncode,
            cause=cause,
            remedy=self.remedy,
            reference=self.reference,
            transient=self.transient,
        )


class Interrupted(LayerwrightError):
    """The user (SIGINT) or the platform (SIGTERM) stopped the build; the exit status is that of a shell."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(
            "Interrupted.",
            cause="The process received a signal to stop.",
            remedy="Run the command again; it reuses what was complete.",
            reference="interrupted",
        )
        self.exit_status = 128 + signal_number
