"""Checks that a plugin only computes values: it writes, starts and prints nothing, and reads nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from layerwright.testing.conformance.trial.verdict import fail

if TYPE_CHECKING:
    from layerwright.testing.applications import Application
    from layerwright.testing.conformance.trial.observe import Observed

    class _Subject(Protocol):
        @property
        def app(self) -> Application: ...

        def describe(self) -> object: ...


__all__ = ["DoingChecks"]


class DoingChecks:
    """A call of a plugin has no side effects."""

    def test_describing_writes_nothing(self, subject: _Subject, observed: Observed) -> None:
        """No file is written, and the application is unchanged."""
        before = subject.app.snapshot()
        subject.describe()
        after = subject.app.snapshot()
        _nothing(
            [
                *observed.of("write"),
                *(name for name in {**before, **after} if before.get(name) != after.get(name)),
            ],
            "It changes files while it describes a build.",
            instead="return a Command that writes them, which core runs at the right time.",
        )

    def test_describing_starts_nothing(self, observed: Observed) -> None:
        """No process is started."""
        _nothing(
            observed.of("process"),
            "It starts a process while it describes a build.",
            instead="return a Command, or a Resolution if the result of a command decides.",
        )

    def test_describing_needs_no_network(self, observed: Observed) -> None:
        """No connection is opened, and no name is looked up."""
        _nothing(
            observed.of("network"),
            "It uses the network while it describes a build.",
            instead="return a Command that uses it, or a Resolution if the result of a command decides.",
        )

    def test_describing_prints_nothing(self, observed: Observed) -> None:
        """Nothing is written to standard output or standard error."""
        _nothing(
            observed.of("print"),
            "It prints while it describes a build.",
            instead="write it in Command.shown, in a remedy, or in Unprovable(…), which core prints.",
        )

    def test_describing_reads_no_environment(self, observed: Observed) -> None:
        """It does not read the variables of the process: the user's variables are in the request."""
        _nothing(
            observed.of("variable"),
            "It reads the variables of its own process.",
            instead="take them from the environment of the request or context;"
            " Path.home, expanduser and shutil.which read the process's variables too.",
        )

    def test_describing_reads_nothing_elsewhere(self, observed: Observed) -> None:
        """It reads only the application, the plugin's own files, and the user's and the system's configuration."""
        _nothing(
            observed.of("read"),
            "It reads files that are neither the application's nor its own.",
            instead="read through the project of the request or context, and below HOME in its environment.",
        )


def _nothing(done: list[str], what: str, *, instead: str) -> None:
    if done:
        fail(
            what,
            why="Core also asks a plugin to explain a build that it does not run, and may ask many times.",
            instead=instead,
            shown=done,
        )
