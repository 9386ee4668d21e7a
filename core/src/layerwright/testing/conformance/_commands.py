"""Checks of the commands and variables that a plugin returns."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import layerwright
from layerwright.build.hooks.contributed import is_everyones
from layerwright.cnb.layers.layer_env import Scope
from layerwright.process.failures.diagnosis import diagnoses_of, problem_of
from layerwright.testing.conformance.trial.verdict import fail
from layerwright.testing.requests import LAYERS, REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.process.command import Command
    from layerwright.testing.conformance.trial.describing import Described
    from layerwright.testing.conformance.trial.subject import Subject

    class _Described(Protocol):
        @property
        def commands(self) -> Iterator[Command]: ...

    class _Subject(Protocol):
        def describe(self) -> _Described: ...


__all__ = ["PATH", "REFERENCE", "AnyCommandChecks", "CommandChecks"]

PATH: Final = re.compile(r"(?<![\w:/.+-])/[\w@%+.~/-]+")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REFERENCE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_EVERYONES: Final = frozenset({"HOME", "LANG", "PATH", "SHELL", "TMPDIR", "USER"})
_MAX_LINES: Final = 3


class AnyCommandChecks:
    """Commands have absolute working directories, and their diagnoses can apply."""

    def test_working_directories_are_absolute(self, subject: _Subject) -> None:
        """No command depends on the directory where Layerwright is started."""
        wrong = [
            f"{command.words}: {command.cwd}"
            for command in subject.describe().commands
            if command.cwd is not None and not command.cwd.is_absolute()
        ]
        if wrong:
            fail(
                "Commands have relative working directories.",
                why="They are relative to the directory where Layerwright starts, not to the application directory.",
                instead="omit cwd, which is the application directory by default, or use a path from the request.",
                shown=wrong,
            )

    def test_diagnoses_of_commands_can_apply(self, subject: _Subject) -> None:
        """Each pattern is valid, and the texts use only groups that it has."""
        wrong = [
            f"{command.words}, {problem}"
            for command in subject.describe().commands
            for problem in _problems_of_diagnoses(command)
        ]
        if wrong:
            fail(
                "Diagnoses of commands are invalid.",
                why="They never apply: the failure is shown without its cause and its remedy.",
                instead='write Diagnosis(pattern=r"No (?P<what>\\w+) here", summary="There is no {what}.", …).',
                shown=wrong,
            )


class CommandChecks(AnyCommandChecks):
    """Commands run the intended program, in allowed places, and say what to do if they fail."""

    def test_commands_name_the_programs_that_they_run_by_their_paths(self, subject: Subject) -> None:
        """No command depends on PATH."""
        wrong = [
            command.words
            for command in subject.describe().commands
            if not Path(command.argv[0]).is_absolute()
        ]
        if wrong:
            fail(
                "Commands leave it to PATH which program they run.",
                why="PATH may lead to another tool of that name: the machine's, or the application's.",
                instead="start argv with a path: str(request.tool.layer / 'bin' / …), or that of the interpreter.",
                shown=wrong,
            )

    def test_paths_are_those_of_the_request(self, subject: Subject) -> None:
        """Commands use only its own layers, the virtual environment and the application."""
        wrong = sorted(set(_stray_paths(subject)))
        if wrong:
            fail(
                "Commands and variables contain paths that are neither in the request nor the plugin's own.",
                why="Core names the layers, and only files in them are kept, cleaned up and in the image.",
                instead="use request.layer, request.tool.layer, request.venv, request.cache and request.report.",
                shown=wrong,
            )

    def test_variables_of_the_tool_are_set_at_launch_too(self, subject: Subject) -> None:
        """With ``launch = true``, the tool has the same variables as in the build."""
        entries = subject.describe().tool.env.entries
        at_launch = {entry.name for entry in entries if entry.scope != Scope.BUILD}
        wrong = sorted({entry.name for entry in entries} - at_launch)
        if wrong:
            fail(
                f"Variables of the tool are set only in the build: {', '.join(wrong)}.",
                why="With launch = true, the tool would behave differently at launch than in the build.",
                instead="omit the scope, which is Scope.ALL; put variables that only its commands need in Command.env.",
            )

    def test_variables_that_others_rely_on_are_left_alone(self, subject: Subject) -> None:
        """No command and no layer sets PATH, or variables that an interpreter or the loader obeys."""
        described = subject.describe()
        own = str(LAYERS / f"tool-{subject.manager.name}")
        found = [(c.words, name, value) for c in described.commands for name, value in c.env.items()]
        found += [("the tool layer", entry.name, entry.value) for entry in described.tool.env.entries]
        wrong = [
            f"{where}: {name}"
            for where, name, value in found
            # VIRTUAL_ENV tells many tools where to install. A user site-packages directory in the tool's own layer is
            # allowed, because no virtual environment uses it.
            if is_everyones(name) and name != "VIRTUAL_ENV"
            if value is not None and (name, value) != ("PYTHONUSERBASE", own)
        ]
        if wrong:
            fail(
                "It sets variables that the application and other layers rely on.",
                why="The application would import or run code from outside its virtual environment.",
                instead="create the layer with distribution_layer, which puts the tool's scripts into bin.",
                shown=wrong,
            )

    def test_reserved_variables_are_the_tools_own(self, subject: Subject) -> None:
        """A build fails if one of them is set, so only the tool may use them."""
        reserved: object = subject.manager.reserved_env
        wrong = (
            sorted(n for n in reserved if not _NAME.fullmatch(n) or n in _EVERYONES)
            if isinstance(reserved, frozenset)
            else [repr(reserved)]
        )
        if wrong:
            fail(
                "reserved_env is not a frozenset of variables that only this tool obeys.",
                why="Every build fails if one of them is set.",
                instead="name those of the tool's own variables that would change the result.",
                shown=wrong,
            )

    def test_stand_ins_are_short_and_say_how_to_get_the_tool(self, subject: Subject) -> None:
        """Each stand-in is short, and names the setting that makes the tool available."""
        stand_ins = subject.describe().tool.stand_ins
        wrong = [
            f"{name}: {text!r}"
            for name, text in stand_ins.items()
            if "/" in name or "launch = true" not in text or len(text.splitlines()) > _MAX_LINES
        ]
        if wrong or not stand_ins:
            fail(
                "Users who call the missing tool at launch do not learn how to get it.",
                why='By default a tool is build-only, and "command not found" does not say so.',
                instead=f'return in stand_ins at most {_MAX_LINES} lines for each command that name "launch = true".',
                shown=wrong,
            )

    def test_a_failing_command_says_what_to_do(self, subject: Subject) -> None:
        """Every command that fills the environment has a remedy and its own reference."""
        wrong = [
            f"{command.words}: remedy {command.remedy!r}, reference {command.reference!r}"
            for command in subject.describe().environment_commands
            if not command.remedy
            or command.reference == "command-failed"
            or not REFERENCE.fullmatch(command.reference)
        ]
        if wrong:
            fail(
                "Commands that can fail have no remedy.",
                why="A failed build shows the remedy last; the tool's output is often not enough.",
                instead='write Command(remedy=("If …, do ….",), reference="…-failed"), in kebab-case.',
                shown=wrong,
            )


def _problems_of_diagnoses(command: Command) -> Iterator[str]:
    try:
        diagnoses = diagnoses_of(command)
    except Exception as error:  # the plugin's
        yield f"its diagnoses: {type(error).__name__}: {error}"
        return
    for diagnosis in diagnoses:
        if problem := problem_of(diagnosis):
            yield f"{diagnosis.pattern!r}: {problem}"


def _stray_paths(subject: Subject) -> Iterator[str]:
    described = subject.describe()
    name = subject.manager.name
    allowed = [
        *(LAYERS / layer for layer in (f"tool-{name}", f"cache-{name}", "python", "venv")),
        *(LAYERS / f"tool-{other}" for other in subject.others),
        REPORT,
        Path(os.devnull).parent,
        subject.app.path,
        *(path.parent for path in subject.sources),
        *(Path(path) for path in layerwright.__path__),
    ]
    given = {*subject.environment.values()}
    for place, text in _texts(described):
        for found in () if text in given else PATH.findall(text):
            if not any(Path(os.path.normpath(found)).is_relative_to(path) for path in allowed):
                yield f"{place}: {found}"


def _texts(described: Described) -> Iterator[tuple[str, str]]:
    for command in described.commands:
        yield from ((command.words, word) for word in command.argv)
        yield from ((command.words, value) for value in command.env.values() if isinstance(value, str))
        if command.cwd is not None:
            yield command.words, str(command.cwd)
    yield from (("the tool layer", entry.value) for entry in described.tool.env.entries)
    wheels = described.tool.wheels
    yield from (("the wheels of the tool", str(path)) for path in (wheels.directories if wheels else ()))
