"""The application's own build commands: the setting ``build.commands``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.build.hooks.blame import naming
from layerwright.errors import SiteError, UserError
from layerwright.process.command import Command
from layerwright.process.shell.process_command import process_command

if TYPE_CHECKING:
    from layerwright.config.reading import Configuration
    from layerwright.process.runner import Runner

__all__ = ["OwnCommand", "own_commands", "run_own_command"]


class OwnCommand(NamedTuple):
    """A build command, and where it is configured: ``pyproject.toml: tool.layerwright.build.commands[0]``."""

    command: Command
    origin: str


def own_commands(configuration: Configuration) -> tuple[OwnCommand, ...]:
    """Return the build commands of *configuration*, in order."""
    setting = next(s for s in configuration.settings if s.key == "build.commands")
    return tuple(
        _own(text, f"{setting.origin}[{number}]") for number, text in enumerate(configuration.build.commands)
    )


def run_own_command(own: OwnCommand, runner: Runner) -> None:
    """Run the command; ``UserError``: it cannot be started; ``CommandFailed``: its status is not 0."""
    try:
        with naming(own.origin, "configures it"):
            runner.run(own.command)
    except SiteError as error:
        raise UserError(
            f"The build command could not be started: {own.command.words}",
            cause=error.cause,
            remedy=(
                "Correct the name of the program, or add the distribution that provides it to the application's"
                " dependencies.",
            ),
            reference=own.command.reference,
        ) from error


def _own(text: str, origin: str) -> OwnCommand:
    command = Command(
        argv=process_command(text),
        shown=text,
        remedy=(
            "Read the last lines of its output.",
            "If it needs an environment variable that only launch has, give that to the build as well.",
            f"Otherwise correct or remove the command in {origin}.",
        ),
        reference="build-command-failed",
    )
    return OwnCommand(command, origin)
