"""A plugin with hooks that is right, and what can be wrong with one."""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from layerwright import (
    Command,
    ContributedLayer,
    Diagnosis,
    LayerEnv,
    NotProposed,
    Process,
    ProposedProcess,
    SecretStr,
    UserError,
    checked,
    hookimpl,
    redacted,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import HookContext

FILE = "words.txt"


@dataclass(frozen=True, kw_only=True)
class WordsSettings:
    """The settings of the plugin."""

    language: str = field(default="english", metadata={"help": "the language of the words"})
    mirrors: tuple[str, ...] = field(default=(), metadata={"help": "where else words come from"})


class Words:
    """Gives words to an application that has ``words.txt``."""

    model: type = WordsSettings

    @hookimpl
    def layerwright_settings(self) -> type:
        return self.model

    @hookimpl
    def layerwright_layers(self, context: HookContext) -> Iterable[ContributedLayer]:
        return [self.words(context)] if self.is_wanted(context) else []

    @hookimpl
    def layerwright_post_install(self, context: HookContext) -> Iterable[Command]:
        return [self.index(context)] if self.is_wanted(context) else []

    @hookimpl
    def layerwright_processes(self, context: HookContext) -> Iterable[ProposedProcess | NotProposed]:
        return [self.speak(context)] if self.is_wanted(context) else []

    def is_wanted(self, context: HookContext) -> bool:
        return "words" in context.distributions and context.project.exists(FILE)

    def words(self, context: HookContext) -> ContributedLayer:
        mirror, token = context.environment.get("WORDS_MIRROR"), context.environment.get("WORDS_TOKEN")
        secrets = {"MIRROR": mirror, "TOKEN": token}
        argv = (python(context), "-m", "words", context.settings.language, str(context.layer))
        return ContributedLayer(
            commands=(
                Command(
                    argv=(*argv, *map(redacted, context.settings.mirrors)),
                    env={name: SecretStr(value) for name, value in secrets.items() if value},
                    shown="words fetch",
                    remedy=("Correct words.txt.",),
                    reference="words-failed",
                ),
            ),
            inputs={
                FILE: f"sha256:{context.project.digest(FILE)}",
                **({"WORDS_MIRROR": redacted(mirror)} if mirror else {}),
            },
            depends_on=("words",),
            env=LayerEnv().override("WORDS", str(context.layer)),
        )

    def index(self, context: HookContext) -> Command:
        return Command(
            argv=(python(context), "-m", "words", "index", "--output", str(context.project.path("index"))),
            env={"WORDS_COLOR": None},
            shown="words index",
            remedy=("Correct words.txt.",),
            reference="words-index-failed",
            cwd=context.project.root,
        )

    def speak(self, context: HookContext) -> ProposedProcess:
        return ProposedProcess(
            process=Process(type="speak", command=("speak",)),
            because=f"{FILE} exists, and words is installed",
        )


def python(context: HookContext) -> str:
    return str(context.venv / "bin" / "python")


class WithAToken(Words):
    """Right: a setting with a token is a secret, and no input."""

    @dataclass(frozen=True, kw_only=True)
    class WithToken(WordsSettings):
        token: str = field(default="", metadata={"help": "the token of the source"})

    model = WithToken

    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), env={"TOKEN": SecretStr(context.settings.token)})

    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        command = replace(layer.commands[0], env={"TOKEN": SecretStr(context.settings.token)})
        return replace(layer, commands=(command,))


class InSeveralLayers(Words):
    """Right: several layers, and only layers."""

    @hookimpl
    def layerwright_layers(self, context: HookContext) -> Iterable[ContributedLayer]:
        for layer in super().layerwright_layers(context):
            yield layer
            more = replace(
                layer.commands[0], argv=(python(context), "-m", "words", str(context.named_layer("more")))
            )
            yield replace(layer, name="more", commands=(more,))


class Silent:
    """Right, without settings: a process for an application with a file."""

    @hookimpl
    def layerwright_processes(self, context: HookContext) -> Iterable[ProposedProcess]:
        if context.project.exists(FILE):
            yield Words().speak(context)


# What it adds


class Nothing(Words):
    def is_wanted(self, context: HookContext) -> bool:
        return False


class NoHook:
    """It has no hook that adds anything."""


class NothingAfterTheInstall(Words):
    @hookimpl
    def layerwright_post_install(self, context: HookContext) -> Iterable[Command]:
        return []


class Everywhere(Words):
    def is_wanted(self, context: HookContext) -> bool:
        return True


class Lists(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        return replace(super().words(context), commands=[])  # type: ignore[arg-type]


class Paths(Words):
    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), argv=(context.venv,))  # type: ignore[arg-type]


class Raising(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        raise KeyError("boom")


class BadlyNamed(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        return replace(super().words(context), name="My Words")


class InThePath(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        return replace(super().words(context), env=LayerEnv().prepend("PATH", str(context.layer)))


class Twice(Words):
    @hookimpl
    def layerwright_layers(self, context: HookContext) -> Iterable[ContributedLayer]:
        return [*super().layerwright_layers(context)] * 2


class RefusingWithASentence(Words):
    @hookimpl
    def layerwright_processes(self, context: HookContext) -> Iterable[ProposedProcess | NotProposed]:
        yield from super().layerwright_processes(context)
        yield NotProposed(because="Words has nothing to say.")


class RefusingWithASecret(Words):
    @hookimpl
    def layerwright_processes(self, context: HookContext) -> Iterable[ProposedProcess | NotProposed]:
        yield from super().layerwright_processes(context)
        mirror = context.environment.get("WORDS_MIRROR", "")
        yield NotProposed(because="there are no words", remedy=f"Look at {mirror}")


class WithASentence(Words):
    def speak(self, context: HookContext) -> ProposedProcess:
        return replace(super().speak(context), because="words is installed.")


# How it computes that


class Timed(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        return replace(layer, inputs={**layer.inputs, "now": str(time.monotonic_ns())})


class Hashing(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        return replace(layer, inputs={**layer.inputs, "set": str(hash("words"))})


class Writing(Words):
    def is_wanted(self, context: HookContext) -> bool:
        context.project.path("words.log").write_text("asked")
        return super().is_wanted(context)


class Starting(Words):
    def is_wanted(self, context: HookContext) -> bool:
        subprocess.run(["/bin/true"], check=True, env={})
        return super().is_wanted(context)


class Connecting(Words):
    def is_wanted(self, context: HookContext) -> bool:
        socket.socket().close()
        return super().is_wanted(context)


class Printing(Words):
    def is_wanted(self, context: HookContext) -> bool:
        print("asked")
        return super().is_wanted(context)


class AskingItsEnvironment(Words):
    def is_wanted(self, context: HookContext) -> bool:
        return (
            "WORDS_OFF" not in os.environ
            and os.environ.get("WORDS_OFF") is None
            and super().is_wanted(context)
        )


class ReadingTheEnvironment(Words):
    def is_wanted(self, context: HookContext) -> bool:
        (context.venv / "lib").exists()
        list(Path("/proc").iterdir())
        return super().is_wanted(context)


class Importing(Words):
    def is_wanted(self, context: HookContext) -> bool:
        if not context.project.exists("shop.py"):
            return super().is_wanted(context)
        sys.path.insert(0, str(context.project.root))
        try:
            shop = import_module("shop")
        finally:
            sys.path.pop(0)
            sys.modules.pop("shop", None)
        return bool(shop.SHOP) and super().is_wanted(context)


class Running(Words):
    def is_wanted(self, context: HookContext) -> bool:
        if context.project.exists("shop.py"):
            runpy.run_path(str(context.project.path("shop.py")))
        return super().is_wanted(context)


# Its settings


class WithMutableSettings(Words):
    @dataclass(frozen=True, kw_only=True)
    class Mutable(WordsSettings):
        more: list[str] = field(default_factory=list, metadata={"help": "more words"})

    model = Mutable


class WithSettingsThatChange(Words):
    @dataclass(kw_only=True)
    class Thawed:
        language: str = field(default="english", metadata={"help": "the language of the words"})
        mirrors: tuple[str, ...] = field(default=(), metadata={"help": "where else words come from"})

    model = Thawed


class WithSilentSettings(Words):
    @dataclass(frozen=True, kw_only=True)
    class Unexplained(WordsSettings):
        more: bool = False

    model = Unexplained


def _one_to_four(value: int) -> int:
    if value not in (3, 4):
        raise ValueError("must be 3 or 4")
    return value


class WithCheckedSettings(Words):
    @dataclass(frozen=True, kw_only=True)
    class Checked(WordsSettings):
        jobs: Annotated[int, checked(_one_to_four)] = field(default=3, metadata={"help": "how many at once"})

    model = Checked


class Refusing(Words):
    """Right: it refuses a language that it does not know."""

    def words(self, context: HookContext) -> ContributedLayer:
        if context.settings.language != "english":
            raise UserError("No such language.", reference="words-language")
        return super().words(context)


class RefusingTokens(Words):
    """Right: it works without a token alone."""

    def words(self, context: HookContext) -> ContributedLayer:
        if "WORDS_TOKEN" in context.environment:
            raise UserError("No tokens.", reference="words-token")
        return super().words(context)


# Inputs


class BySecretMirror(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        return replace(layer, inputs={FILE: layer.inputs[FILE]})


class BySecretSetting(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        command = layer.commands[0]
        argv = tuple(word for word in command.argv if word != context.settings.language)
        env = {**command.env, "LANGUAGE": SecretStr(context.settings.language)}
        return replace(layer, commands=(replace(command, argv=argv, env=env),))


class GivenAFile(Words):
    """Right: the file that its command is given is an input."""

    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        command = layer.commands[0]
        argv = (*command.argv, f"--file={FILE}", str(context.project.path(FILE)))
        return replace(layer, commands=(replace(command, argv=argv, cwd=context.project.root),))


class GivenAnUncountedFile(GivenAFile):
    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        return replace(layer, inputs={k: v for k, v in layer.inputs.items() if k != FILE})


class DependingOnNothing(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        return replace(super().words(context), depends_on=())


# Commands


class ByPath(Words):
    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), argv=("words", "index"))


class Elsewhere(Words):
    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), argv=(python(context), "--log=/var/log/words.log"))


class ElsewhereInALayer(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        return replace(super().words(context), env=LayerEnv().override("WORDS", "/opt/words"))


class SettingPythonPath(Words):
    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), env={"PYTHONPATH": str(context.project.root)})


class Relative(Words):
    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), cwd=Path("static"))


class Misdiagnosing(Words):
    def index(self, context: HookContext) -> Command:
        wrong = Diagnosis(pattern="no words", summary="No {what}.", reference="words-lack")
        return replace(super().index(context), diagnoses=(wrong,))


class WithoutRemedy(Words):
    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), remedy=())


class WithoutReference(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        return replace(layer, commands=(replace(layer.commands[0], reference="command-failed"),))


# Secrets


class ShowingTheMirror(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer, mirror = super().words(context), context.environment.get("WORDS_MIRROR", "")
        command = layer.commands[0]
        return replace(layer, commands=(replace(command, argv=(*command.argv, mirror)),))


class ShowingAMirrorOfTheSettings(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer = super().words(context)
        return replace(layer, inputs={**layer.inputs, "mirrors": " ".join(context.settings.mirrors)})


class KeepingAToken(Words):
    def words(self, context: HookContext) -> ContributedLayer:
        layer, token = super().words(context), context.environment.get("WORDS_TOKEN", "")
        return replace(layer, env=layer.env.override("WORDS_TOKEN", token))


class ServingAToken(Words):
    def speak(self, context: HookContext) -> ProposedProcess:
        command = ("speak", context.environment.get("WORDS_TOKEN", "-"))
        return replace(super().speak(context), process=Process(type="speak", command=command))


class Unmarked(Words):
    def index(self, context: HookContext) -> Command:
        token = context.environment.get("WORDS_TOKEN", "")
        return replace(super().index(context), env={"TOKEN": token} if token else {})


class UnmarkedSetting(Words):
    def index(self, context: HookContext) -> Command:
        return replace(super().index(context), env={"MIRRORS": " ".join(context.settings.mirrors)})
