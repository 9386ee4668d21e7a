"""The layers that plugins contribute: how each is specified, decided before a build, and filled."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build._decide import Action, Decision, LayerSpec, decide
from layerwright.build._specify import learn_secrets
from layerwright.build.choose.variables import RESERVED_ENV
from layerwright.build.hooks.blame import naming
from layerwright.build.installed.dist_info import identities
from layerwright.build.installed.places import meanings_in
from layerwright.build.layers import names
from layerwright.build.layers.commands import PLUGIN, beside, command_inputs
from layerwright.build.layers.published import label as published_label
from layerwright.build.layers.published import without_known_secrets
from layerwright.build.layers.python import python_inputs
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.contract.names import is_plain_name, normalised_name
from layerwright.contract.values.tool import PythonDependence
from layerwright.plugins.blame import conflict, defect
from layerwright.process.redaction import KNOWN
from layerwright.pythons.bytecode import compile_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.build._contribute import Contributor
    from layerwright.build.hooks.asking import Asking
    from layerwright.build.layers.commands import Places
    from layerwright.cnb.layers.layer import RestoredLayer
    from layerwright.contract.hooks import ContributedLayer
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Contributed", "contribute_layer", "describe_layers", "is_everyones", "named_layers", "unsettled"]

_HOOK: Final = "layerwright_layers"
_UNKNOWN: Final = "known once the virtual environment is complete"


class Contributed(NamedTuple):
    """A layer of a plugin, and its specification."""

    layer: ContributedLayer
    spec: LayerSpec
    entry_point: EntryPoint


def describe_layers(
    asking: Asking, found: Sequence[tuple[ContributedLayer, EntryPoint]]
) -> tuple[Contributed, ...]:
    """Return the specification of each layer that plugins contribute: *found*, their answers to *asking*.

    It has the versions of distributions that are installed now. ``PluginError``: a plugin contributes an invalid layer.
    """
    for layer, _ in found:
        learn_secrets(layer.commands)
    return tuple(
        Contributed(layer, _spec(layer, name, entry_point, asking), entry_point)
        for name, layer, entry_point in named_layers(found)
    )


def named_layers(
    found: Iterable[tuple[ContributedLayer, EntryPoint]],
) -> tuple[tuple[str, ContributedLayer, EntryPoint], ...]:
    """Return each layer and its plugin with the name of the layer; ``PluginError``: it is invalid, or there are two."""
    named: dict[str, tuple[ContributedLayer, EntryPoint]] = {}
    for layer, entry_point in found:
        _check(layer, entry_point)
        name = names.plugin_layer(entry_point.name, layer.name)
        if name in named:
            raise _twice(name, named[name][1], entry_point)
        named[name] = layer, entry_point
    return tuple((name, *one) for name, one in named.items())


def unsettled(contributed: Contributed, restored: RestoredLayer) -> tuple[LayerSpec, Decision]:
    """Return the specification and the decision while the set of distributions is not decided.

    A version that the layer depends on is then unknown, and taken as unchanged.
    """
    spec = contributed.spec
    depends_on = [_version_key(name) for name in contributed.layer.depends_on]
    shown = replace(spec, inputs={k: _UNKNOWN if k in depends_on else v for k, v in spec.inputs.items()})
    recorded = (restored.metadata or {}).get("inputs")
    before = recorded if isinstance(recorded, dict) else {}
    as_before = {k: str(before.get(published_label(k), _UNKNOWN)) for k in depends_on}
    decision = decide(restored, replace(spec, inputs={**spec.inputs, **as_before}))
    if decision.action is not Action.KEEP or not depends_on:
        return shown, decision
    which = " and ".join(contributed.layer.depends_on)
    because = (
        f"decided once the virtual environment is complete: kept if {which} is unchanged, otherwise created"
    )
    return shown, Decision(action=Action.KEEP, reasons=(because,))


def contribute_layer(
    contributor: Contributor, contributed: Contributed, *, interpreter: Interpreter, runner: Runner
) -> None:
    """Make the layer match its specification; commands of the plugin fill it."""
    layer, spec, entry_point = contributed

    def create(path: Path) -> None:
        for command in layer.commands:
            with naming(entry_point.label, f"runs it for the layer {spec.name}"):
                runner.run(command)
        wrong = [f"{file}: {what}." for file, what in sorted(meanings_in(path).items())]
        if wrong:
            reason = f"It wrote files into the layer {spec.name} that affect more than the application:"
            raise defect(entry_point.label, "\n".join((reason, *wrong)))
        if layer.depends_on_python is not PythonDependence.NONE:
            runner.run(compile_command(interpreter.executable, [path]))

    contributor.contribute(spec, create=create)


def is_everyones(variable: str) -> bool:
    """Return whether *variable* decides what programs of other layers run, import or load."""
    return variable in {*RESERVED_ENV, "PATH", "VIRTUAL_ENV"} or variable.startswith(("LD_", "DYLD_"))


def _spec(layer: ContributedLayer, name: str, entry_point: EntryPoint, asking: Asking) -> LayerSpec:
    request, interpreter = asking.request, asking.described.interpreter
    path, venv = request.layers.layer_path(name), request.layers.contents_path(names.VENV)
    installed = identities(interpreter.site_packages(venv), {*map(normalised_name, layer.depends_on)})
    commands = command_inputs(layer.commands, _places(entry_point, asking.described.places), layer.inputs)
    own = {
        **{_version_key(d): installed.get(normalised_name(d), "not installed") for d in layer.depends_on},
        **python_inputs(layer.depends_on_python, interpreter),
        **({"target": request.target.words} if layer.depends_on_target else {}),
        "execution environment": request.exec_env,
        "layer path": str(path),
    }
    return LayerSpec(
        name=name,
        types=LayerTypes(build=True, launch=layer.launch, cache=True),
        inputs=without_known_secrets({**layer.inputs, **commands, **beside(layer.inputs, own)}),
        env=layer.env,
    )


def _version_key(distribution: str) -> str:
    return f"{distribution} version"


def _places(entry_point: EntryPoint, places: Places) -> Places:
    """Return *places* with the directory of the plugin's import package, if it has one."""
    module = sys.modules.get(entry_point.module.partition(".")[0])
    if module is None or not module.__file__:
        return places
    return replace(places, named={**places.named, str(Path(module.__file__).parent): PLUGIN})


def _check(layer: ContributedLayer, entry_point: EntryPoint) -> None:
    """Raise ``PluginError`` if *layer* is invalid."""
    wrong = [*_misnamed(layer, entry_point)]
    reserved = sorted({entry.name for entry in layer.env.entries if is_everyones(entry.name)})
    if reserved:
        wrong.append(
            f"Its environment changes {', '.join(reserved)}, which programs of other layers depend on."
            " The directory bin of a layer is always on PATH."
        )
    secret = [name for name, content in layer.env.files().items() if KNOWN.are_in(content)]
    wrong += [f"It returned a secret in {name}, a file that stays in the layer." for name in secret]
    if wrong:
        raise defect(entry_point.label, "\n".join((f"{_HOOK} returned an invalid layer.", *wrong)))


def _misnamed(layer: ContributedLayer, entry_point: EntryPoint) -> Iterable[str]:
    rule = "lower-case words and digits, joined by hyphens, the first character a letter"
    if layer.name and not is_plain_name(layer.name):
        yield f'"{layer.name}" cannot be the name of a layer: {rule}.'
    if entry_point.name and not is_plain_name(entry_point.name):
        yield f'The entry point "{entry_point.name}" cannot be part of the name of a layer: {rule}.'


def _twice(name: str, one: EntryPoint, other: EntryPoint) -> Exception:
    if one.label == other.label:
        return defect(
            one.label, f"It contributes two layers {name}. ContributedLayer.name must tell them apart."
        )
    return conflict(f"the layer {name}", [one, other])
