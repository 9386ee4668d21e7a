"""A plugin that takes what core does not promise."""

from __future__ import annotations

import layerwright
from layerwright import build
from layerwright.runner import Runner
from tests.conformance.planted.tiny import Tiny

__all__ = ["Private", "Runner", "build"]


class Private(Tiny):
    wait = layerwright.journal
