"""The tool layer: Pipenv and its dependencies, in a virtual environment of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import LayerEnv, distribution_layer, tool_version

if TYPE_CHECKING:
    from layerwright import ToolLayer, ToolRequest

__all__ = ["tool_layer"]

_LOCK: Final = Path(__file__).parent / "tool.lock"
_LAST_VERSIONS: Final = {"3.9": "2025.0.4"}
"""The last Pipenv for each Python that the default no longer supports. Keep in step with requirements/pipenv.in."""


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer with the configured Pipenv, or with the default for the interpreter's version.

    The default is installed from a lock file with hashes.
    """
    lock = _LOCK.read_text(encoding="utf-8")
    [newest] = set(re.findall(r"^pipenv==(\S+)", lock, re.MULTILINE)) - {*_LAST_VERSIONS.values()}
    default = _LAST_VERSIONS.get(request.interpreter.minor, newest)
    version = tool_version("Pipenv", request.settings.version, default)
    return distribution_layer(
        request,
        "pipenv",
        version,
        scripts=("pipenv",),
        hashed=lock if version == default else "",
        launchers=("pipenv run",),
        # Pipenv then works in the active virtual environment, and does not explain that at every start.
        env=LayerEnv().override("PIPENV_IGNORE_VIRTUALENVS", "0").override("PIPENV_VERBOSITY", "-1"),
    )
