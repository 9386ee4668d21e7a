"""The tool layer: Poetry, all that it depends on, and Poetry plugins, in a virtual environment of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import LayerEnv, distribution_layer, tool_version
from layerwright_poetry.constraint import specifier
from layerwright_poetry.files import PYPROJECT, poetry_table
from layerwright_poetry.manager import OLDEST
from layerwright_poetry.poetry_plugins import poetry_plugins

if TYPE_CHECKING:
    from layerwright import ToolLayer, ToolRequest

__all__ = ["tool_layer"]

_LOCK: Final = Path(__file__).parent / "poetry.txt"
_DEFAULT_VERSION: Final = "2.5.1"
_LAST_VERSIONS: Final = {"3.9": "2.2.1"}
"""The last Poetry for each Python that the default no longer supports; requirements/poetry.in says the same."""


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer of the configured Poetry, of the one that the application requires, or of the default one.

    The default is installed by the hashes of its lock. Plugins come as the index has them when the layer is made.
    """
    default = _LAST_VERSIONS.get(request.interpreter.minor, _DEFAULT_VERSION)
    version = _version(request, default)
    return distribution_layer(
        request,
        "poetry",
        version,
        scripts=("poetry",),
        hashed=_LOCK.read_text(encoding="utf-8") if version == default else "",
        also=poetry_plugins(request.project, request.settings.with_),
        launchers=("poetry run",),
        env=_environment(request.layer),
    )


def _version(request: ToolRequest, default: str) -> str:
    """Return the version that the settings name, else what ``requires-poetry`` does, else *default*."""
    required = poetry_table(request.project).get("requires-poetry")
    # Of a constraint that PEP 440 cannot say, only Poetry itself can tell whether it allows it.
    wanted = specifier(required) if isinstance(required, str) else None
    origin = f"tool.poetry.requires-poetry in {PYPROJECT} is {required}"
    return tool_version(
        "Poetry", request.settings.version, default, required=wanted or "", origin=origin, oldest=OLDEST
    )


def _environment(layer: Path) -> LayerEnv:
    """Return the variables that let Poetry use the active virtual environment and no other, and make none."""
    env = LayerEnv().override("POETRY_VIRTUALENVS_CREATE", "false")
    env = env.override("POETRY_VIRTUALENVS_IN_PROJECT", "false")
    # There, `poetry env use` keeps a list that wins over VIRTUAL_ENV; here there is none.
    env = env.override("POETRY_VIRTUALENVS_PATH", str(layer / "virtualenvs"))
    # In conda's base environment Poetry takes no notice of VIRTUAL_ENV.
    return env.override("CONDA_DEFAULT_ENV", "")
