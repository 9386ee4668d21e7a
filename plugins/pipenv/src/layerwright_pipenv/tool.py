"""The tool layer: Pipenv and all that it depends on, in a virtual environment of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import LayerEnv, distribution_layer, tool_version

if TYPE_CHECKING:
    from layerwright import ToolLayer, ToolRequest

__all__ = ["tool_layer"]

_LOCK: Final = Path(__file__).parent / "tool.lock"


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer of the configured Pipenv, else of the default one, which is installed by its hashes."""
    lock = _LOCK.read_text(encoding="utf-8")
    [default] = re.findall(r"^pipenv==(\S+)", lock, re.MULTILINE)
    version = tool_version("Pipenv", request.settings.version, default)
    return distribution_layer(
        request,
        "pipenv",
        version,
        scripts=("pipenv",),
        hashed=lock if version == default else "",
        launchers=("pipenv run",),
        # So that it works in the active virtual environment, and does not explain that at every start.
        env=LayerEnv().override("PIPENV_IGNORE_VIRTUALENVS", "0").override("PIPENV_VERBOSITY", "-1"),
    )
