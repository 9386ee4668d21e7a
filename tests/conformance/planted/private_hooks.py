"""A plugin with hooks that imports what is not public."""

from __future__ import annotations

import layerwright.build.layers.names
from tests.conformance.planted.hooks import Words


class Private(Words):
    names = layerwright.build.layers.names
