"""Checks that credentials of the user reach commands, and nothing that is shown or kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from layerwright.contract.sameness import Unprovable, update_of
from layerwright.testing.conformance.trial.trials import IS_SECRET, IS_URL
from layerwright.testing.conformance.trial.verdict import fail

if TYPE_CHECKING:
    from layerwright.testing.conformance.trial.subject import Described, Subject

__all__ = ["SECRET", "SECRET_FORMS", "SECRET_URL", "SecretChecks", "Variables"]

SECRET: Final = "hunter2-of-the-kit"
SECRET_URL: Final = f"https://reader:{SECRET}@example.com/simple/"
SECRET_FORMS: Final = (SECRET, *(hashlib.sha256(text.encode()).hexdigest() for text in (SECRET, SECRET_URL)))


class SecretChecks:
    """Secrets are in no layer, no metadata, no log."""

    def test_credentials_are_in_nothing_that_is_shown_or_kept(self, subject: Subject) -> None:
        """Inputs, arguments, standard input and layer environment are free of them, and of their SHA-256."""
        kept = _kept(_described(subject))
        shown = [f"{place}: {text}" for place, text in kept if any(form in text for form in SECRET_FORMS)]
        if shown:
            fail(
                "Credentials of the user's environment are in values that are shown or kept.",
                why="Inputs become layer metadata, arguments are in the log and in the list of processes.",
                instead="put redacted(value), or a digest of that, into inputs, and a SecretStr into Command.env.",
                shown=shown,
            )

    def test_credentials_reach_commands_as_secrets(self, subject: Subject) -> None:
        """In the variables of a command they are a SecretStr."""
        wrong = [
            f"{command.words}: {name}"
            for command in _described(subject).commands
            for name, value in command.env.items()
            if isinstance(value, str) and SECRET in value
        ]
        if wrong:
            fail(
                "Commands have credentials in variables that are not marked as secret.",
                why="Only what is marked is taken out of the command's output before it is shown.",
                instead="write env={name: SecretStr(value)}; the user's other variables are there anyway.",
                shown=wrong,
            )


class Variables(Mapping[str, str]):
    """The user's variables, with credentials in all that the tool asks for by a name that sounds like it."""

    def __init__(self, variables: Mapping[str, str], reserved: frozenset[str]) -> None:
        self._variables = dict(variables)
        self._reserved = reserved

    @override
    def __getitem__(self, name: str) -> str:
        if name not in self._variables and name not in self._reserved:
            if IS_SECRET.search(name):
                self._variables[name] = SECRET
            elif IS_URL.search(name):
                self._variables[name] = SECRET_URL
        return self._variables[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._variables))

    @override
    def __len__(self) -> int:
        return len(self._variables)


def _described(subject: Subject) -> Described:
    name = subject.manager.name.upper().replace("-", "_")
    urls = ("HTTPS_PROXY", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", f"{name}_INDEX_URL")
    usual = {**dict.fromkeys(urls, SECRET_URL), **dict.fromkeys(subject.secrets, SECRET)}
    reserved = subject.manager.reserved_env
    given = {**subject.environment, **{n: v for n, v in usual.items() if n not in reserved}}
    return subject.describe(environment=Variables(given, reserved))


def _kept(described: Described) -> Iterator[tuple[str, str]]:
    tool, install = described
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
