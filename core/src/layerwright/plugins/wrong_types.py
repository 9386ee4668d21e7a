"""Checks the types of the contract's values, which Python itself does not check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

from layerwright.cnb.launch import Process
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.hooks import ContributedLayer, NotProposed, ProposedProcess
from layerwright.contract.sameness import Locked, Resolution, Unprovable, Update
from layerwright.contract.values.environment import EnvironmentInstall, Expected, SharedCache
from layerwright.contract.values.project import Detection
from layerwright.contract.values.tool import PythonDependence, ToolLayer
from layerwright.contract.wheels import LockedWheels, WheelLayout
from layerwright.plugins.blame import checked_value, defect
from layerwright.process.command import Command
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.contract.values.offline import Offline

    Value = (
        Command
        | ContributedLayer
        | Detection
        | ToolLayer
        | EnvironmentInstall
        | Expected
        | NotProposed
        | Offline
        | ProposedProcess
    )

__all__ = ["checked_parts", "not_strings", "wrong_types"]

T = TypeVar("T", bound="Value")


def checked_parts(value: object, kind: type[T] | tuple[type[T], ...], label: str, what: str) -> T:
    """Return *value*, which *what* of the plugin *label* returned; raise if a type in it is wrong.

    A part of the wrong type would fail far from the plugin, and look like a defect of Layerwright.
    """
    checked = checked_value(value, kind, label, what)
    wrong = wrong_types(checked)
    if wrong:
        raise defect(label, "\n".join((f"{what} returned values of the wrong type:", *wrong)))
    return checked


def wrong_types(*values: Value | None) -> tuple[str, ...]:
    """Return a line for each part of *values* that does not have the type in the contract."""
    return tuple(line for value in values for line in _wrong(value))


def _wrong(value: Value | None) -> Iterator[str]:
    if isinstance(value, Detection):
        yield from _not_a(str, "Detection.evidence", value.evidence)
        yield from _not_a(bool, "Detection.fallback", value.fallback)
    elif isinstance(value, ToolLayer):
        yield from _not_a(str, "ToolLayer.version", value.version)
        yield from not_strings("ToolLayer.inputs", value.inputs)
        yield from _not_commands("ToolLayer.install", value.install)
        yield from _wrong_wheels(value.wheels)
        yield from _not_a(str, "ToolLayer.compiled", value.compiled)
        yield from _not_a(LayerEnv, "ToolLayer.env", value.env)
        yield from _not_a(PythonDependence, "ToolLayer.depends_on_python", value.depends_on_python)
        yield from _not_a(bool, "ToolLayer.depends_on_target", value.depends_on_target)
        yield from not_strings("ToolLayer.stand_ins", value.stand_ins)
        yield from _not_a_tuple_of(str, "ToolLayer.launchers", value.launchers)
    elif isinstance(value, EnvironmentInstall):
        yield from not_strings("EnvironmentInstall.inputs", value.inputs)
        yield from _not_commands("EnvironmentInstall.commands", value.commands)
        yield from _wrong_sameness(value.sameness)
        yield from _not_commands("EnvironmentInstall.first", value.first)
        yield from _not_commands("EnvironmentInstall.checks", value.checks)
        yield from _not_a(bool, "EnvironmentInstall.keeps_cache", value.keeps_cache)
        yield from _not_a(SharedCache | None, "EnvironmentInstall.shares", value.shares)
        yield from _not_a_tuple_of(str, "EnvironmentInstall.warnings", value.warnings)
    elif isinstance(value, Command):
        yield from _wrong_command("Command", value)
    elif isinstance(value, ContributedLayer):
        yield from _not_commands("ContributedLayer.commands", value.commands)
        yield from not_strings("ContributedLayer.inputs", value.inputs)
        yield from _not_a_tuple_of(str, "ContributedLayer.depends_on", value.depends_on)
        yield from _not_a(PythonDependence, "ContributedLayer.depends_on_python", value.depends_on_python)
        yield from _not_a(bool, "ContributedLayer.depends_on_target", value.depends_on_target)
        yield from _not_a(LayerEnv, "ContributedLayer.env", value.env)
        yield from _not_a(bool, "ContributedLayer.launch", value.launch)
        yield from _not_a(str, "ContributedLayer.name", value.name)
    elif isinstance(value, Expected):
        yield from _not_a_set_of_strings("Expected.names", value.names)
        yield from _not_a(str, "Expected.source", value.source)
        yield from _not_a(str, "Expected.uncertain", value.uncertain)
    elif isinstance(value, ProposedProcess):
        yield from _not_a(Process, "ProposedProcess.process", value.process)
        yield from _not_a(str, "ProposedProcess.warning", value.warning)
        yield from _not_a(bool, "ProposedProcess.fallback", value.fallback)
    elif isinstance(value, NotProposed):
        yield from _not_a(str, "NotProposed.remedy", value.remedy)
        yield from _not_a(str, "NotProposed.type", value.type)
    elif value is not None:
        # Its type is not imported for this: a build with nothing changed does not need it.
        yield from _wrong_offline(value)


def _wrong_offline(value: Offline) -> Iterator[str]:
    yield from not_strings("Offline.env", value.env)
    yield from _not_a(bool, "Offline.archives", value.archives)
    yield from _not_a(bool, "Offline.cache", value.cache)
    yield from not_strings("Offline.index", value.index, str | SecretStr)
    yield from _not_a_tuple_of(str, "Offline.options", value.options)
    yield from _not_a(str, "Offline.refused", value.refused)


def _wrong_wheels(value: object) -> Iterator[str]:
    if not isinstance(value, LockedWheels):
        yield from _not_a(NoneType, "ToolLayer.wheels", value)
        return
    yield from _not_a(str, "LockedWheels.hashed", value.hashed)
    yield from _not_a(WheelLayout, "LockedWheels.layout", value.layout)
    yield from _not_a_tuple_of(str, "LockedWheels.scripts", value.scripts)
    yield from _not_a_tuple_of(Path, "LockedWheels.directories", value.directories)
    if value.index is not None:
        yield from not_strings("LockedWheels.index", value.index, str | SecretStr | None)
    yield from not_strings("LockedWheels.contents", value.contents)


def _wrong_sameness(value: object) -> Iterator[str]:
    if isinstance(value, Unprovable):
        yield from _not_a(str, "Unprovable.because", value.because)
    elif isinstance(value, Resolution):
        yield from _wrong_resolution(value)
    elif not isinstance(value, Locked):
        yield f"EnvironmentInstall.sameness is {value!r}, not Locked, a Resolution or Unprovable"
    elif isinstance(value.update, Resolution):
        yield from _wrong_resolution(value.update)
    elif isinstance(value.update, Update):
        yield from not_strings("Update.archives", value.update.archives)
        yield from _not_a_set_of_strings("Update.keeps", value.update.keeps)
        yield from _not_commands("Update.diagnosis", value.update.diagnosis)
    else:
        yield from _not_a(NoneType, "Locked.update", value.update)


def _wrong_resolution(value: Resolution) -> Iterator[str]:
    yield from _not_commands("Resolution.command", (value.command,))
    yield from _not_a(Callable, "Resolution.read", value.read)
    yield from _not_a(Callable, "Resolution.converge", value.converge)
    if value.reinstall is not None:
        yield from _not_a(Callable, "Resolution.reinstall", value.reinstall)


def _not_a(kind: Any, place: str, value: object) -> Iterator[str]:
    if not isinstance(value, kind):
        yield f"{place} is {value!r}"


def _not_a_tuple_of(kind: type, place: str, value: object) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield f"{place} is a {type(value).__name__}: {value!r}"
        return
    for position, item in enumerate(value):
        yield from _not_a(kind, f"{place}[{position}]", item)


def _not_a_set_of_strings(place: str, value: object) -> Iterator[str]:
    if not isinstance(value, frozenset):
        yield f"{place} is a {type(value).__name__}: {value!r}"
        return
    for item in value:
        yield from _not_a(str, f"an item of {place}", item)


def not_strings(place: str, value: object, kind: Any = str) -> Iterator[str]:
    """Yield a line for each part of *value*, a mapping at *place*, that is not a string or not a *kind*."""
    if not isinstance(value, Mapping):
        yield f"{place} is a {type(value).__name__}: {value!r}"
        return
    for key, item in value.items():
        yield from _not_a(str, f"a key of {place}", key)
        yield from _not_a(kind, f"{place}[{key!r}]", item)


def _not_commands(place: str, value: object) -> Iterator[str]:
    wrong = tuple(_not_a_tuple_of(Command, place, value))
    yield from wrong
    commands: tuple[Command, ...] = value if isinstance(value, tuple) and not wrong else ()
    for position, command in enumerate(commands):
        yield from _wrong_command(f"{place}[{position}]", command)


def _wrong_command(place: str, command: Command) -> Iterator[str]:
    yield from _not_a_tuple_of(str, f"{place}.argv", command.argv)
    yield from _not_a_tuple_of(str, f"{place}.remedy", command.remedy)
    yield from _not_a(Path | None, f"{place}.cwd", command.cwd)
    # A function is called, and its result checked, only after a failure.
    if command.diagnoses != () and not callable(command.diagnoses):
        from layerwright.process.failures.diagnosis import Diagnosis

        yield from _not_a_tuple_of(Diagnosis, f"{place}.diagnoses", command.diagnoses)
    yield from not_strings(f"{place}.env", command.env, str | SecretStr | None)
    yield from _not_a_set_of_strings(f"{place}.without_effect", command.without_effect)
