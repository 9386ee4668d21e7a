"""A plugin that takes what core does not promise."""

from __future__ import annotations

import layerwright
from layerwright.build import phase as build
from layerwright.process.runner import Runner
from tests.conformance.planted.tiny import Tiny

__all__ = ["Private", "Runner", "build"]


class Private(Tiny):
    wait = layerwright.process.runner
