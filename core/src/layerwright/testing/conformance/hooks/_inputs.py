"""Checks that the inputs of a contributed layer change if its content would change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from layerwright.process.redaction import SecretStr
from layerwright.testing.conformance._inputs import effects
from layerwright.testing.conformance.trial.trials import IS_SECRET, Asked, samples_of, values_of_variable
from layerwright.testing.conformance.trial.verdict import fail
from layerwright.testing.requests import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.testing.conformance.hooks._subject import Contributions, HookSubject

__all__ = ["HookInputChecks"]

_EXEC_ENVS: Final = ("production", "test")
_ADDED: Final = b"\nadded\n"
_STALE: Final = "The next build compares only the inputs: a change of anything else is ignored."


class HookInputChecks:
    """The inputs contain everything that determines a layer's content."""

    def test_every_setting_has_a_value_to_try(self, subject: HookSubject) -> None:
        """The kit knows a value other than the default for each setting."""
        own = {key for key, _ in subject.keys}
        known = {key for key, _ in _samples(subject)}
        wrong = [f"no value other than the default is known for {key}" for key in sorted(own - known)]
        wrong += [f"{key} is not one of its settings" for key in subject.samples if key not in own]
        if wrong:
            fail(
                "Some settings cannot be tried.",
                why="The kit sets a setting to see how the commands and the inputs change.",
                instead='give a valid value in the test class: samples = {"key": value}',
                shown=wrong,
            )

    def test_settings_that_change_commands_change_the_inputs(self, subject: HookSubject) -> None:
        """A setting that changes the commands of a layer changes its inputs."""
        silent = []
        for exec_env in _EXEC_ENVS:
            usual = subject.describe(exec_env=exec_env)
            for key, value in _samples(subject):
                if _is_credential(key) or key in subject.secrets:
                    continue
                other = subject.describe_if_it_can_be(settings={key: value}, exec_env=exec_env)
                if other and _secretly(other) != _secretly(usual) and other.inputs == usual.inputs:
                    silent.append(f"{key} = {value!r}, for the execution environment {exec_env}")
        if silent:
            fail(
                "Settings change the commands of a layer but not its inputs.",
                why=_STALE,
                instead="add to the inputs, without passwords, what reaches commands only in a secret variable.",
                shown=silent,
            )

    def test_variables_that_change_commands_change_the_inputs(self, subject: HookSubject) -> None:
        """A variable of the user that a plugin looks up for a layer changes its inputs."""
        asked = Asked(subject.environment)
        usual = subject.describe(environment=asked)
        silent = []
        for name in sorted(asked.names.difference(subject.environment, subject.secrets)):
            for value in values_of_variable(name):
                other = subject.describe_if_it_can_be(environment={**subject.environment, name: value})
                if other and _secretly(other) != _secretly(usual) and other.inputs == usual.inputs:
                    silent.append(f"{name}={value}")
        if silent:
            fail(
                "Variables of the user change the commands of a layer but not its inputs.",
                why=_STALE,
                instead="add to the inputs each variable that changes the content, and URLs as redacted(…).",
                shown=silent,
            )

    def test_files_that_commands_name_change_the_inputs(self, subject: HookSubject) -> None:
        """A file of the application that a command of a layer is given counts with its content."""
        before = subject.describe().inputs
        silent = []
        for file in sorted(_named_files(subject)):
            content = subject.app.snapshot()[file]
            subject.app.write(file, content + _ADDED)
            after = subject.describe_if_it_can_be()
            subject.app.write(file, content)
            if after is not None and after.inputs == before:
                silent.append(file)
        if silent:
            fail(
                "Commands of a layer are given files whose content is not among its inputs.",
                why=_STALE,
                instead="add the digest of each file that a command reads to the inputs: context.project.digest(…).",
                shown=silent,
            )

    def test_a_layer_depends_on_the_distributions_that_fill_it(self, subject: HookSubject) -> None:
        """A layer that programs of the virtual environment fill names their distributions."""
        venv = str(LAYERS / "venv")
        wrong = [
            command.words
            for layer in subject.describe().layers
            for command in layer.commands
            if not layer.depends_on and command.argv[0].startswith(f"{venv}/")
        ]
        if wrong:
            fail(
                "Programs of the virtual environment fill a layer that depends on no distribution.",
                why="Another version of a distribution may produce other content, but core would keep the layer.",
                instead='name the distributions whose code the commands run: depends_on=("acme",).',
                shown=wrong,
            )


def _named_files(subject: HookSubject) -> set[str]:
    """Return the files of the application that commands of layers name, in arguments or in variables."""
    app, found = subject.app.path, set()
    for command in (command for layer in subject.describe().layers for command in layer.commands):
        values = [*command.argv[1:], *(value for value in command.env.values() if isinstance(value, str))]
        for word in (part for value in values for part in (value, value.partition("=")[2]) if part):
            found.add(os.path.relpath((command.cwd or app) / word, app))
    return found & subject.app.snapshot().keys()


def _samples(subject: HookSubject) -> Iterator[tuple[str, object]]:
    """Yield the values to try for each setting."""
    if subject.model is None:
        return iter(())
    return samples_of(subject.model, subject.keys, subject.samples, subject.settings_of)


def _is_credential(key: str) -> bool:
    return IS_SECRET.search(key.upper()) is not None


def _secretly(found: Contributions) -> object:
    """Return what the commands of layers do, and the secrets that they get."""
    return [
        (effects(command), [value for value in command.env.values() if isinstance(value, SecretStr)])
        for layer in found.layers
        for command in layer.commands
    ]
