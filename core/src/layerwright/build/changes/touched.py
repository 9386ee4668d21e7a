"""What a change after a build would touch: the decision of the next build about each layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layerwright.build._decide import Action, Decision, decide
from layerwright.build.layers import names
from layerwright.build.layers.commands import comes_from_commands
from layerwright.build.layers.python import abi_input, python_inputs
from layerwright.build.layers.tool import version_input
from layerwright.build.patches.separate import DEPENDS
from layerwright.cnb.layers.layer import RestoredLayer
from layerwright.contract.values.tool import PythonDependence
from layerwright.files.frozen import frozen
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from layerwright.build.explain import ExplainedLayer, Explanation

__all__ = ["Change", "after_change", "what_changes_touch"]

_DIGEST: Final = "sha256:"
_LATER: Final = Decision(
    action=Action.KEEP, reasons=("decided once the virtual environment is complete",), resolves=True
)


@frozen
class Change:
    """A change, and the decision of the next build about each layer, by the layer's name.

    ``files`` are files and directories, by the names of their inputs, a change of each of which leads to this;
    without any, ``what`` says what changes.
    """

    what: str = ""
    files: tuple[str, ...] = ()
    decisions: Mapping[str, Decision]


def what_changes_touch(explanation: Explanation) -> tuple[Change, ...]:
    """Return what would happen if, after the build of *explanation*, one thing changed.

    The decisions are those of a build about the same layers, in which the inputs in question have other values.
    """
    layers, prepared = explanation.layers, explanation.prepared
    tools = {names.tool_layer(one.name): one.display_name for one in (*prepared.others, prepared.manager)}
    place = next(layer.path for layer in layers if layer.spec.name == names.PYTHON)
    now = Interpreter(version=prepared.candidate.version, prefix=place)
    major, minor, patch = map(int, now.version.split("."))
    next_patch = f"{major}.{minor}.{patch + 1}"
    changes = (
        ("nothing, or only files that no layer depends on", (), ""),
        *(
            (f"the version of {tools[layer.spec.name]}", (version_input(tools[layer.spec.name]),), "")
            for layer in layers
            if layer.spec.name in tools
        ),
        (f"the patch release of Python {now.minor}", _python(now, next_patch), next_patch),
        ("the minor version of Python", _python(now, f"{major}.{minor + 1}.0"), ""),
        ("the operating system, its version or the architecture", ("target",), ""),
    )
    return (
        *(Change(files=files, decisions=_decisions(layers, files)) for files in _files(layers)),
        *(
            Change(what=what, decisions=_decisions(layers, inputs, python))
            for what, inputs, python in changes
        ),
    )


def after_change(layer: ExplainedLayer, inputs: Collection[str], python: str = "") -> Decision:
    """Return the decision about *layer*, once it is complete, if the values of *inputs*, named, change.

    *python* is another patch release of Python, empty for the same.
    """
    spec = layer.spec
    if python and spec.python and layer.depends is None:
        return _LATER

    def altered(values: Mapping[str, str]) -> dict[str, str]:
        return {name: f"{value} changed" if name in inputs else value for name, value in values.items()}

    metadata = {**spec.metadata, DEPENDS: layer.depends or {}}
    built = RestoredLayer(name=spec.name, path=layer.path, contents=True, metadata=metadata)
    # fresh_because is about the contents of the last build, not about those of this one.
    wanted = replace(
        spec,
        inputs=altered(spec.inputs),
        content_inputs=altered(spec.content_inputs),
        fresh_because="",
        python=spec.python and (python or spec.python),
    )
    return decide(built, wanted)


def _decisions(
    layers: Iterable[ExplainedLayer], inputs: Collection[str], python: str = ""
) -> dict[str, Decision]:
    found = {layer.spec.name: after_change(layer, inputs, python) for layer in layers}
    environment = found[names.VENV]
    if environment.action is Action.KEEP and not environment.resolves:
        return found
    # Plugins are asked again, with other distributions.
    return {
        name: _LATER if names.is_plugins(name) and decision.action is Action.KEEP else decision
        for name, decision in found.items()
    }


def _files(layers: Sequence[ExplainedLayer]) -> Iterable[tuple[str, ...]]:
    """Return the names of inputs that are files or directories, in groups with the same decisions."""
    found = {
        name: None
        for layer in layers
        if layer.spec.name == names.VENV or names.is_plugins(layer.spec.name)
        for name, value in (*layer.spec.content_inputs.items(), *layer.spec.inputs.items())
        if value.startswith(_DIGEST) and not comes_from_commands(name)
    }
    groups: dict[tuple[object, ...], tuple[str, ...]] = {}
    for name in found:
        key = tuple((one.action, one.resolves) for one in _decisions(layers, (name,)).values())
        groups[key] = (*groups.get(key, ()), name)
    return groups.values()


def _python(now: Interpreter, version: str) -> tuple[str, ...]:
    """Return the names of the inputs that differ for the *version* of Python."""
    other = Interpreter(version=version, prefix=now.prefix)
    pairs = [(abi_input(now), abi_input(other))]
    pairs += [(python_inputs(one, now), python_inputs(one, other)) for one in PythonDependence]
    return tuple(name for then, new in pairs for name, value in then.items() if new[name] != value)
