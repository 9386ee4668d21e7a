"""Makes the layers of plugins match what these contribute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from layerwright.build._absent import left_absent

if TYPE_CHECKING:
    from layerwright.build._contribute import Contributor
    from layerwright.build._decide import LayerSpec
    from layerwright.build.hooks.asking import Asking
    from layerwright.output.log import Log
    from layerwright.process.runner import Runner

__all__ = ["contribute_layers"]


def contribute_layers(
    contributor: Contributor, asking: Asking, runner: Runner, log: Log
) -> tuple[LayerSpec, ...]:
    """Make the layers of plugins match what these contribute; return their specifications."""
    contributed = asking.layers()
    if not contributed:
        return ()
    from layerwright.build.hooks.contributed import contribute_layer, describe_layers

    layers = asking.request.layers
    if any(layer.depends_on for layer, _ in contributed):
        # Their versions are read from the virtual environment.
        layers.bring()
    found = describe_layers(asking, contributed)
    if left_absent(layers, [one.spec for one in found]) != frozenset():
        layers.bring()
    for one in found:
        log.heading(one.entry_point.label)
        now = replace(asking, environment=contributor.environment)
        contribute_layer(
            contributor,
            one,
            interpreter=asking.described.interpreter,
            runner=runner.within(now.environment_for(one.entry_point)),
        )
    return tuple(one.spec for one in found)
