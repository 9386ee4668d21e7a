"""The inputs of a layer from the commands that fill it: arguments, variables, working directory, standard input."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.cnb.layers.layer_env import Action, Scope
from layerwright.files.frozen import frozen
from layerwright.process.redaction import redacted, secret_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from layerwright.cnb.layers.layer_env import LayerEnv
    from layerwright.process.command import Command

__all__ = [
    "APPLICATION",
    "COMMAND",
    "CORE",
    "PLUGIN",
    "Places",
    "beside",
    "change_of_command",
    "comes_from_commands",
    "command_inputs",
    "directory_of",
    "variables_of",
]

PLUGIN: Final = "{plugin}"
CORE: Final = "{layerwright}"
"""The words for the directories of a plugin and of core in inputs."""

APPLICATION: Final = "{application}"
"""The word for the application directory in inputs."""

COMMAND: Final = "command "
"""The prefix of the names of inputs whose values are the arguments of a command."""

_STDIN: Final = "standard input of "
_CWD: Final = "working directory of "
_OWN: Final = (f"{PLUGIN}/", f"{CORE}/")
_TITLE: Final = re.compile(r"[\w,]+(?: [\w,][\w,-]*){0,4}(?= |$)")


@frozen
class Places:
    """The paths of a build, and words for them, so that the same build in another place has the same inputs.

    ``named`` has the word for each path. ``application`` is the directory that commands start in.
    """

    application: Path
    named: Mapping[str, str] = field(default_factory=dict)

    def portable(self, text: str) -> str:
        """Return *text* with each path replaced by its word."""
        # Without a path in it, the expression need not be compiled.
        has_path = any(path in text for path in self._words)
        return self._pattern.sub(lambda found: self._words[found[0]], text) if has_path else text

    @cached_property
    def _words(self) -> dict[str, str]:
        return {**self.named, str(self.application): APPLICATION}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # The longest first: one of them may be inside another.
        paths = "|".join(map(re.escape, sorted(self._words, key=len, reverse=True)))
        return re.compile(rf"(?<![\w.~-])(?:{paths})(?![\w.~-])")


def command_inputs(commands: Sequence[Command], places: Places, others: Collection[str]) -> dict[str, str]:
    """Return everything in *commands* that can change their result, without secrets.

    *others* are names of other inputs. A variable with the same value in all commands is one input, under its name.
    """
    found: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    titles = _titles(commands)
    for title, command in zip(titles, commands, strict=True):
        found[f"{COMMAND}{title}"] = _plain(shlex.join(command.argv), command, places)
        if command.cwd not in (None, places.application):
            found[f"{_CWD}{title}"] = places.portable(str(command.cwd))
        if command.stdin:
            found[f"{_STDIN}{title}"] = _digest(_plain(command.stdin, command, places))
        for name, value in command.env.items():
            if isinstance(value, str) and name not in command.without_effect:
                values.setdefault(name, {})[title] = _plain(value, command, places)
    for name, by_title in sorted(values.items()):
        if len(by_title) == len(titles) and len({*by_title.values()}) == 1:
            found[name] = by_title[titles[0]]
        else:
            found |= {f"{name} of {title}": value for title, value in by_title.items()}
    found |= _scripts({word for command in commands for word in command.argv}, places)
    return beside(others, found)


def beside(others: Collection[str], found: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs *found*, renamed if one of *others* has the same name."""
    return {name if name not in others else f"{name} (commands)": value for name, value in found.items()}


def variables_of(tools: Iterable[LayerEnv], environment: Mapping[str, str], places: Places) -> dict[str, str]:
    """Return the variables that the layers of *tools* set for commands, with their final values.

    *environment* has the user's variables, which win over defaults. Secrets among them are omitted.
    """
    found: dict[str, str] = {}
    secret = secret_variables(environment)
    for entry in (entry for env in tools for entry in env.entries):
        if entry.scope not in {Scope.ALL, Scope.BUILD} or entry.name in secret:
            continue
        users = environment.get(entry.name, "") if entry.action is not Action.OVERRIDE else ""
        value = users if entry.action is Action.DEFAULT and users else entry.value
        found[entry.name] = places.portable(redacted(value))
    return found


def comes_from_commands(name: str) -> bool:
    """Return whether the input *name* comes from a command: arguments, a directory, a standard input or a script."""
    return name.startswith((COMMAND, _CWD, _STDIN, *_OWN))


def change_of_command(name: str, then: str, now: str) -> str:
    """Return, as text, which arguments differ in the command whose input is called *name*."""
    try:
        before, after = shlex.split(then), shlex.split(now)
    except ValueError:
        return f"{name} changed"
    gone = shlex.join(word for word in before if word not in after)
    new = shlex.join(word for word in after if word not in before)
    if gone and new:
        return f"{name}: {gone} → {new}"
    if new:
        return f"{name}: {new} is new"
    return f"{name}: {gone} is gone" if gone else f"{name} changed"


def directory_of(kind: type) -> Path:
    """Return the directory of the distribution's import package, or single module, that defines *kind*."""
    top = sys.modules[kind.__module__.partition(".")[0]]
    return Path(top.__file__ or "/nowhere").parent


def _scripts(words: Iterable[str], places: Places) -> dict[str, str]:
    """Return the digest of each file of a plugin or of core among *words*: another release may have another one."""
    import hashlib

    found = {}
    for word in sorted(words):
        name = places.portable(word)
        if name.startswith(_OWN) and (file := Path(word)).is_file():
            found[name] = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    return found


def _titles(commands: Iterable[Command]) -> list[str]:
    """Return a title for each of *commands*, from the first words that the log shows for it."""
    titles: list[str] = []
    counts: dict[str, int] = {}
    for command in commands:
        words = command.words
        begins = _TITLE.match(words)
        # Without words from the plugin, the log shows the program by its path.
        title = begins[0] if begins else words.partition(" ")[0].rpartition("/")[2]
        counts[title] = counts.get(title, 0) + 1
        titles.append(f"{title} ({counts[title]})" if counts[title] > 1 else title)
    return titles


def _plain(text: str, command: Command, places: Places) -> str:
    return places.portable(redacted(text, command.secrets))


def _digest(text: str) -> str:
    import hashlib

    return f"sha256:{hashlib.sha256(text.encode(errors='surrogateescape')).hexdigest()}"
