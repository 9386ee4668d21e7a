"""The tool layer: Pipenv and all that it depends on, in a virtual environment of its own."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import (
    LayerEnv,
    PythonDependence,
    ToolLayer,
    install_distributions,
    redacted,
    tool_version,
)

if TYPE_CHECKING:
    from layerwright import ToolRequest

__all__ = ["tool_layer"]

_LOCK: Final = Path(__file__).parent / "tool.lock"
_INDEX_VARIABLES: Final = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX")
_STAND_IN: Final = """\
pipenv is a build-time tool of this image, and nothing needs it at launch: the virtual environment is active.
Instead of `pipenv run COMMAND`, run COMMAND. To have it at launch all the same,
set `launch = true` in [tool.layerwright.pipenv] of pyproject.toml, and build again."""


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer of the configured Pipenv, else of the default one, which is installed by its hashes.

    Any other comes as the package index has it when the layer is made, so that the index counts as an input.
    """
    lock = _LOCK.read_text(encoding="utf-8")
    [default] = re.findall(r"^pipenv==(\S+)", lock, re.MULTILINE)
    version = tool_version("Pipenv", request.settings.version, default)
    pinned = version == default
    index = {
        name: redacted(request.environment[name]) for name in _INDEX_VARIABLES if name in request.environment
    }
    return ToolLayer(
        version=version,
        inputs={"hashes": f"sha256:{hashlib.sha256(lock.encode()).hexdigest()}"}
        if pinned
        else {"hashes": "not hash-pinned", **index},
        install=install_distributions(
            request,
            lock if pinned else "",
            also=() if pinned else (f"pipenv=={version}",),
            scripts=("pipenv",),
            shown=f"pip install pipenv=={version}{'' if pinned else ' (not hash-pinned)'}",
        ),
        # So that it works in the active virtual environment, and does not explain that at every start.
        env=LayerEnv().override("PIPENV_IGNORE_VIRTUALENVS", "0").override("PIPENV_VERBOSITY", "-1"),
        # What is installed is bound to the minor version, and to the interpreter's path, which core adds.
        depends_on_python=PythonDependence.MINOR,
        stand_ins={"pipenv": _STAND_IN},
        launchers=("pipenv run",),
    )
