"""Checks that inputs change if and only if the result would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from layerwright.contract.sameness import Resolution
from layerwright.testing.conformance.trial.canonical import flattened
from layerwright.testing.conformance.trial.files import uncounted_files
from layerwright.testing.conformance.trial.subject import release
from layerwright.testing.conformance.trial.trials import Asked, own_settings, samples, values_of_variable
from layerwright.testing.conformance.trial.verdict import changes, fail

if TYPE_CHECKING:
    from layerwright.process.command import Command
    from layerwright.testing.conformance.trial.describing import Described
    from layerwright.testing.conformance.trial.subject import Subject
    from layerwright.testing.release import Release

__all__ = ["InputChecks", "effects"]

_EXEC_ENVS: Final = ("production", "test")
_STALE: Final = "The next build compares only the inputs: a change of anything else is ignored."


class InputChecks:
    """The inputs contain everything that determines a layer's content, and nothing else."""

    def test_a_release_that_is_added_changes_the_inputs(self, subject: Subject) -> None:
        """One more distribution in the lock file changes the environment."""
        self._changes(subject, "A release that is added", *subject.releases, release("extra", "2.0"))

    def test_another_version_of_a_release_changes_the_inputs(self, subject: Subject) -> None:
        """Another version in the lock file changes the environment."""
        acme, base = subject.releases
        self._changes(subject, "Another version of a release", release("acme", "1.1", *acme.requires), base)

    def test_another_archive_of_a_release_changes_the_inputs(self, subject: Subject) -> None:
        """The same version from another archive, with another hash, changes the environment."""
        if isinstance(subject.describe().install.sameness, Resolution):
            pytest.skip("the resolution of each build decides, not the inputs")
        acme, base = subject.releases
        other = release("acme", "1.0", *acme.requires, data="built again")
        self._changes(subject, "Another archive of the same version", other, base)

    def test_an_unrelated_file_changes_no_input(self, subject: Subject) -> None:
        """A change of a file that does not affect the environment has no consequence."""
        before = subject.describe().all_inputs
        subject.app.write("notes/unrelated.txt", "Nothing that is installed depends on this.\n")
        after = subject.describe().all_inputs
        if before != after:
            fail(
                "A file that does not affect the environment changes the inputs.",
                why="Every commit would rebuild the environment.",
                instead="add digests of the relevant files to the inputs, not of the whole directory.",
                shown=changes(before, after),
            )

    def test_settings_that_change_commands_change_the_inputs(self, subject: Subject) -> None:
        """A setting that changes the commands also changes the inputs."""
        silent = []
        for exec_env in _EXEC_ENVS:
            usual = subject.describe(exec_env=exec_env)
            for name, value in samples(subject):
                other = subject.describe_if_it_can_be(settings={name: value}, exec_env=exec_env)
                if other and _commands(other) != _commands(usual) and _inputs(other) == _inputs(usual):
                    silent.append(f"{name} = {value!r}, for the execution environment {exec_env}")
        if silent:
            fail(
                "Settings change the commands and not the inputs.",
                why=_STALE,
                instead="add to the inputs each setting that changes `first` or a resolution alone.",
                shown=silent,
            )

    def test_every_setting_has_a_value_to_try(self, subject: Subject) -> None:
        """The kit knows a value other than the default for each setting."""
        known = {name for name, _ in samples(subject)}
        own = {name for name, _ in own_settings(subject.manager)}
        wrong = [f"no value other than the default is known for {name}" for name in sorted(own - known)]
        wrong += [f"{name} is not one of its settings" for name in subject.samples if name not in own]
        if wrong:
            fail(
                "Some settings cannot be tried.",
                why="The kit sets a setting to see how the commands and the inputs change.",
                instead='give a valid value in the test class: settings = {"key": value}',
                shown=wrong,
            )

    def test_variables_that_change_commands_change_the_inputs(self, subject: Subject) -> None:
        """A variable of the user that changes the commands also changes the inputs."""
        asked = Asked(subject.environment)
        usual = subject.describe(environment=asked)
        silent = []
        names = asked.names | subject.variables
        for name in sorted(
            names.difference(subject.environment, subject.manager.reserved_env, subject.secrets)
        ):
            for value in values_of_variable(name):
                other = subject.describe_if_it_can_be(environment={**subject.environment, name: value})
                # Ignore the variables of a command: archives with hashes do not depend on the index.
                if other and _argv(other) != _argv(usual) and _inputs(other) == _inputs(usual):
                    silent.append(f"{name}={value}")
        if silent:
            fail(
                "Variables of the user change the commands and not the inputs.",
                why=_STALE,
                instead="add to the inputs each variable that changes what is installed, and URLs as redacted(…).",
                shown=silent,
            )

    def test_files_that_commands_name_change_the_inputs(self, subject: Subject) -> None:
        """The content of a file of the application that a command gets is an input."""
        silent = [
            f"{file}, with {given or 'no setting'}"
            for given in ({}, *({name: value} for name, value in samples(subject)))
            for exec_env in _EXEC_ENVS
            for file in uncounted_files(subject, settings=given, exec_env=exec_env)
        ]
        if silent:
            fail(
                "Commands get files whose content is not in the inputs.",
                why=_STALE,
                instead="add the digest of each file that a command reads to the inputs: project.digest(…).",
                shown=sorted({*silent}),
            )

    def test_another_version_of_the_tool_is_another_tool_layer(self, subject: Subject) -> None:
        """The layer has the configured version."""
        usual = subject.describe().tool
        wanted = f"{int(usual.version.partition('.')[0]) + 1}.99.0"
        tool = subject.describe(settings={"version": wanted}).tool
        if tool.version != wanted:
            fail(
                f"With version = {wanted!r} in its table, its tool layer has version {tool.version!r}.",
                why="Core keeps or recreates the layer by its version, and shows it in the log.",
                instead="return ToolLayer(version=tool_version(…)), which uses the configured version.",
            )

    def test_launch_does_not_change_the_tool_layer(self, subject: Subject) -> None:
        """Only core decides whether the tool is available at launch."""
        usual = flattened(subject.describe().tool)
        launched = flattened(subject.describe(settings={"launch": True}).tool)
        if usual != launched:
            fail(
                "With launch = true, its tool layer differs.",
                why="Core would build the tool again for the launch, and it would not be the tested one.",
                instead="return the same ToolLayer; use Scope.LAUNCH for variables that matter only at launch.",
                shown=changes(usual, launched),
            )

    def _changes(self, subject: Subject, what: str, *releases: Release) -> None:
        before = subject.describe().all_inputs
        subject.lock(*releases)
        if subject.describe().all_inputs == before:
            fail(
                f"{what} in the lock file does not change the inputs.",
                why=_STALE,
                instead="add the digest of the lock file to the inputs: project.digest(…).",
                shown=[f"{name}: {value}" for name, value in before.items()],
            )


def _commands(described: Described) -> dict[str, str]:
    commands = (*described.tool.install, *described.environment_commands)
    return flattened([effects(command) for command in commands])


def effects(command: Command) -> list[object]:
    """Return the parts of *command* that affect its result, without secrets."""
    return [command.argv, command.cwd, command.stdin, _variables(command)]


def _variables(command: Command) -> dict[str, str]:
    """Return the variables of *command* that affect its result, as far as the plugin says."""
    plain = ((name, value) for name, value in command.env.items() if isinstance(value, str))
    return {name: value for name, value in plain if name not in command.without_effect}


def _argv(described: Described) -> list[tuple[str, ...]]:
    return [command.argv for command in (*described.tool.install, *described.environment_commands)]


def _inputs(described: Described) -> tuple[object, ...]:
    # Core adds the version of the tool, and those of other tools that it uses.
    return described.tool.version, described.all_inputs
