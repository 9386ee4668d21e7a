"""Another plugin that contributes the same layers."""

from __future__ import annotations

from tests.unit.contributing import layerwright_layers

__all__ = ["layerwright_layers"]
