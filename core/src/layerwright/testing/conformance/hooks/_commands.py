"""Checks of the commands and variables that a plugin adds, and of the secrets in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.build.hooks.contributed import is_everyones
from layerwright.testing.conformance._commands import PATH, REFERENCE, AnyCommandChecks
from layerwright.testing.conformance._secrets import (
    SECRET,
    SECRET_URL,
    Variables,
    refuse_shown,
    refuse_unmarked,
)
from layerwright.testing.conformance.trial.trials import IS_SECRET, IS_URL
from layerwright.testing.conformance.trial.verdict import fail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.testing.conformance.hooks._subject import Contributions, HookSubject

__all__ = ["HookCommandChecks"]


class HookCommandChecks(AnyCommandChecks):
    """Commands run the intended program, say what to do if they fail, and show no secret."""

    def test_commands_name_the_programs_that_they_run_by_their_paths(self, subject: HookSubject) -> None:
        """No command depends on PATH."""
        wrong = [c.words for c in subject.describe().commands if not Path(c.argv[0]).is_absolute()]
        if wrong:
            fail(
                "Commands leave it to PATH which program they run.",
                why="PATH may lead to another program of that name: the machine's, or the package manager's.",
                instead="start argv with a path: str(context.venv / 'bin' / …), or that of the interpreter.",
                shown=wrong,
            )

    def test_paths_are_those_of_the_context(self, subject: HookSubject) -> None:
        """Commands and variables name only the application, the virtual environment, its own layers and files."""
        allowed = subject.allowed
        given = {*subject.environment.values()}
        wrong = sorted(
            {
                f"{place}: {path}"
                for place, text in _texts(subject.describe())
                for path in (() if text in given else PATH.findall(text))
                if not any(_is_in(path, one) for one in allowed)
            }
        )
        if wrong:
            fail(
                "Commands and variables contain paths that are neither in the context nor the plugin's own.",
                why="Only files in layers are kept and in the image, and each build may run on another machine.",
                instead="use context.layer, context.named_layer(…), context.venv and context.project.path(…).",
                shown=wrong,
            )

    def test_variables_that_others_rely_on_are_left_alone(self, subject: HookSubject) -> None:
        """No command sets PATH, or variables that interpreters and loaders obey; core refuses them in a layer."""
        wrong = [
            f"{command.words}: {name}"
            for command in subject.describe().commands
            for name, value in command.env.items()
            if is_everyones(name) and value is not None
        ]
        if wrong:
            fail(
                "Commands set variables that interpreters and loaders obey.",
                why="The command would import or run code from outside the virtual environment.",
                instead="run the interpreter of the virtual environment, which finds its own distributions.",
                shown=wrong,
            )

    def test_a_failing_command_says_what_to_do(self, subject: HookSubject) -> None:
        """Every command has a remedy and its own reference."""
        wrong = [
            f"{command.words}: remedy {command.remedy!r}, reference {command.reference!r}"
            for command in subject.describe().commands
            if not command.remedy
            or command.reference == "command-failed"
            or not REFERENCE.fullmatch(command.reference)
        ]
        if wrong:
            fail(
                "Commands that can fail have no remedy.",
                why="A failed build shows the remedy last; the output of the command is often not enough.",
                instead='write Command(remedy=("If …, do ….",), reference="…-failed"), in kebab-case.',
                shown=wrong,
            )

    def test_credentials_are_in_nothing_that_is_shown_or_kept(self, subject: HookSubject) -> None:
        """Inputs, arguments, processes and layer environment contain no secrets, and no SHA-256 of them."""
        refuse_shown(
            (f"{source}, {place}: {text}", text)
            for source, found in _with_secrets(subject)
            for place, text in _kept(found)
        )

    def test_credentials_reach_commands_as_secrets(self, subject: HookSubject) -> None:
        """The variables of a command contain them as ``SecretStr``."""
        refuse_unmarked(
            (f"{source}, {command.words}: {name}", value)
            for source, found in _with_secrets(subject)
            for command in found.commands
            for name, value in command.env.items()
        )


def _with_secrets(subject: HookSubject) -> Iterator[tuple[str, Contributions]]:
    """Yield what the plugin adds with credentials in variables, and in settings whose names suggest them."""
    given = {**subject.environment, **dict.fromkeys(subject.secrets, SECRET)}
    found = subject.describe_if_it_can_be(environment=Variables(given, frozenset()))
    if found is not None:
        yield "with credentials in variables", found
    for key in (key for key, _ in subject.keys if _may_hold_one(key) or key in subject.secrets):
        for value in (SECRET_URL, [SECRET_URL]):
            found = subject.describe_if_it_can_be(settings={key: value})
            if found is not None:
                yield f"with credentials in the setting {key}", found


def _texts(found: Contributions) -> Iterator[tuple[str, str]]:
    for command in found.commands:
        yield from ((command.words, word) for word in command.argv)
        yield from ((command.words, value) for value in command.env.values() if isinstance(value, str))
        if command.cwd is not None:
            yield command.words, str(command.cwd)
    for layer in found.layers:
        yield from (("the environment of a layer", entry.value) for entry in layer.env.entries)


def _kept(found: Contributions) -> Iterator[tuple[str, str]]:
    for layer in found.layers:
        yield from ((f"inputs, {name}", value) for name, value in layer.inputs.items())
        yield from ((f"environment of a layer, {entry.name}", entry.value) for entry in layer.env.entries)
    for command in found.commands:
        yield from ((f"arguments of {command.words}", word) for word in (*command.argv, command.shown))
        yield f"standard input of {command.words}", command.stdin
    for proposed in found.processes:
        words = (*proposed.process.command, *proposed.process.args, proposed.because, proposed.warning)
        yield from ((f"process {proposed.process.type}", word) for word in words)
    for proposal in found.not_proposed:
        yield from (("a process that is not proposed", word) for word in (proposal.because, proposal.remedy))


def _is_in(path: str, directory: Path) -> bool:
    place = os.path.normpath(path)
    # The names of the plugin's other layers begin with the name of its unnamed layer.
    return Path(place).is_relative_to(directory) or (
        directory.name.startswith("plugin-") and place.startswith(f"{directory}-")
    )


def _may_hold_one(key: str) -> bool:
    return any(sounds.search(key.upper()) for sounds in (IS_SECRET, IS_URL))
