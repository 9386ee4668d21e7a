"""Checks that credentials of the user reach commands, but nothing that is shown or kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, get_type_hints

from typing_extensions import override

from layerwright.contract.sameness import Unprovable, update_of
from layerwright.testing.conformance.trial.trials import IS_SECRET, IS_URL, own_settings, values_of
from layerwright.testing.conformance.trial.verdict import fail

if TYPE_CHECKING:
    from layerwright.testing.conformance.trial.describing import Described
    from layerwright.testing.conformance.trial.subject import Subject

__all__ = [
    "SECRET",
    "SECRET_FORMS",
    "SECRET_URL",
    "SecretChecks",
    "Variables",
    "refuse_shown",
    "refuse_unmarked",
]

SECRET: Final = "hunter2-of-the-kit"
SECRET_URL: Final = f"https://reader:{SECRET}@example.com/simple/"
SECRET_FORMS: Final = (SECRET, *(hashlib.sha256(text.encode()).hexdigest() for text in (SECRET, SECRET_URL)))
_EVERYONES: Final = ("HTTPS_PROXY", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL")


class SecretChecks:
    """No layer, metadata or log contains a secret."""

    def test_credentials_are_in_nothing_that_is_shown_or_kept(self, subject: Subject) -> None:
        """Inputs, arguments, standard input and layer environment contain no credentials, and no SHA-256 of them.

        The credentials are in variables, and in settings whose names suggest a URL or a secret.
        """
        refuse_shown(
            (f"{place}: {text}{where}", text)
            for where, described in _described(subject)
            for place, text in _kept(described)
        )
        # The manifest of a bundle has them.
        kept = subject.offline(environment=_variables(subject)).env
        refuse_shown((f"Offline.env, {name}: {value}", value) for name, value in kept.items())

    def test_credentials_reach_commands_as_secrets(self, subject: Subject) -> None:
        """The variables of a command contain them as ``SecretStr``."""
        refuse_unmarked(
            (f"{command.words}: {name}{where}", value)
            for where, described in _described(subject)
            for command in described.commands
            for name, value in command.env.items()
        )
        refuse_unmarked(
            (f"LockedWheels.index: {name}{where}", value)
            for where, described in _described(subject)
            if described.tool.wheels is not None
            for name, value in (described.tool.wheels.index or {}).items()
        )
        index = subject.offline(environment=_variables(subject)).index
        refuse_unmarked((f"Offline.index: {name}", value) for name, value in index.items())


def refuse_shown(values: Iterable[tuple[str, str]]) -> None:
    """Fail if one of *values*, each with its description, contains a credential."""
    shown = [words for words, text in values if any(form in text for form in SECRET_FORMS)]
    if shown:
        fail(
            "Credentials of the user are in values that are shown or kept.",
            why="Inputs become layer metadata; arguments are in the log and in the list of processes.",
            instead="put redacted(value), or a digest of that, into inputs, and a SecretStr into Command.env.",
            shown=shown,
        )


def refuse_unmarked(variables: Iterable[tuple[str, object]]) -> None:
    """Fail if one of *variables*, each with its description, has a credential as a plain string."""
    wrong = [words for words, value in variables if isinstance(value, str) and SECRET in value]
    if wrong:
        fail(
            "Commands have credentials in variables that are not marked as secret.",
            why="Core removes only marked values from the command's output before it shows the output.",
            instead="write env={name: SecretStr(value)}; commands get the user's other variables anyway.",
            shown=wrong,
        )


class Variables(Mapping[str, str]):
    """The user's variables; a lookup of a name that suggests a URL or a secret returns one with credentials."""

    def __init__(self, variables: Mapping[str, str], reserved: frozenset[str]) -> None:
        self._variables = dict(variables)
        self._reserved = reserved

    @override
    def __getitem__(self, name: str) -> str:
        if name not in self._variables and name not in self._reserved:
            text = _credential(name)
            if text:
                self._variables[name] = text
        return self._variables[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._variables))

    @override
    def __len__(self) -> int:
        return len(self._variables)


def _described(subject: Subject) -> Iterator[tuple[str, Described]]:
    """Yield the description with credentials in variables, then with credentials in each setting for them."""
    yield "", subject.describe(environment=_variables(subject))
    hints = get_type_hints(subject.manager.settings_model)
    for key, name in own_settings(subject.manager):
        text = _credential(name.upper())
        for value in values_of(hints[name], text) if text else ():
            described = subject.describe_if_it_can_be(settings={key: value})
            if described:
                yield f", with the setting {key}", described


def _variables(subject: Subject) -> Variables:
    """Return the user's variables, with credentials."""
    return Variables({**subject.environment, **_with_credentials(subject)}, subject.manager.reserved_env)


def _with_credentials(subject: Subject) -> dict[str, str]:
    found = {name: _credential(name) for name in (*_EVERYONES, *subject.variables)}
    found |= dict.fromkeys(subject.secrets, SECRET)
    return {n: text for n, text in found.items() if text and n not in subject.manager.reserved_env}


def _credential(name: str) -> str:
    """Return a value with credentials for *name*, or an empty string if *name* suggests no URL and no secret."""
    if IS_SECRET.search(name):
        return SECRET
    return SECRET_URL if IS_URL.search(name) else ""


def _kept(described: Described) -> Iterator[tuple[str, str]]:
    tool, install, _ = described
    update = update_of(install.sameness)
    for where, mapping in (
        ("inputs of the tool layer", tool.inputs),
        ("stand-ins", tool.stand_ins),
        ("inputs of the environment", install.inputs),
        ("archives", update.archives if update else {}),
    ):
        yield from ((f"{where}, {name}", value) for name, value in mapping.items())
    yield "version", tool.version
    yield "sameness", install.sameness.because if isinstance(install.sameness, Unprovable) else ""
    yield from ((f"environment of the tool layer, {entry.name}", entry.value) for entry in tool.env.entries)
    for command in described.commands:
        yield from ((f"arguments of {command.words}", word) for word in (*command.argv, command.shown))
        yield f"standard input of {command.words}", command.stdin
