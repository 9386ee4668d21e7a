"""The tool layer: Poetry, its dependencies and Poetry plugins, in a virtual environment of their own."""

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
_IMPORTED: Final = Path(__file__).parent / "imported.txt"
_DEFAULT_VERSION: Final = "2.5.1"
_LAST_VERSIONS: Final = {"3.9": "2.2.1"}
"""The last Poetry for each Python that the default no longer supports. Keep in step with requirements/poetry.in."""


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer with the configured Poetry, the one that the application requires, or the default.

    The default is installed from a lock file with hashes. Plugins are resolved when the layer is created.
    """
    default = _LAST_VERSIONS.get(request.interpreter.minor, _DEFAULT_VERSION)
    version = _version(request, default)
    plugins = poetry_plugins(request.project, request.settings.with_)
    # The list is that of the default, and plugins import more.
    is_known = version == _DEFAULT_VERSION and not plugins
    return distribution_layer(
        request,
        "poetry",
        version,
        scripts=("poetry",),
        hashed=_LOCK.read_text(encoding="utf-8") if version == default else "",
        also=plugins,
        compiled=_IMPORTED.read_text(encoding="utf-8") if is_known else "",
        launchers=("poetry run",),
        env=_environment(request.layer),
    )


def _version(request: ToolRequest, default: str) -> str:
    """Return the version in the settings, the one that ``requires-poetry`` pins, or *default*."""
    required = poetry_table(request.project).get("requires-poetry")
    # Only Poetry itself can judge a constraint that PEP 440 cannot express.
    wanted = specifier(required) if isinstance(required, str) else None
    origin = f"tool.poetry.requires-poetry in {PYPROJECT} is {required}"
    return tool_version(
        "Poetry", request.settings.version, default, required=wanted or "", origin=origin, oldest=OLDEST
    )


def _environment(layer: Path) -> LayerEnv:
    """Return the variables with which Poetry uses the active virtual environment, and creates none."""
    env = LayerEnv().override("POETRY_VIRTUALENVS_CREATE", "false")
    env = env.override("POETRY_VIRTUALENVS_IN_PROJECT", "false")
    # In the default path, `poetry env use` keeps a list that wins over VIRTUAL_ENV. This path has none.
    env = env.override("POETRY_VIRTUALENVS_PATH", str(layer / "virtualenvs"))
    # In conda's base environment, Poetry ignores VIRTUAL_ENV.
    return env.override("CONDA_DEFAULT_ENV", "")
