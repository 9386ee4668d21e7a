"""The tool layer: uv's executables and nothing else, which serve any Python."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import (
    LayerEnv,
    PythonDependence,
    Scope,
    SecretStr,
    ToolLayer,
    install_distributions,
    redacted,
    tool_version,
)
from layerwright_uv.local_source import table
from layerwright_uv.manager import OLDEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Project, ToolRequest

__all__ = ["tool_layer"]

_LOCK: Final = Path(__file__).parent / "tool.lock"
_STAND_IN: Final = """\
uv is a build-time tool of this image. A command of the application runs without it: leave out `uv run`.
To have uv at every launch, set `launch = true` in [tool.layerwright.uv] of pyproject.toml,
and build again."""


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer of the configured uv, else of the one that the application requires, else of the default.

    The default is installed by its hashes, which are shipped. Any other comes as the index has it, so that the
    index counts as an input.
    """
    lock = _LOCK.read_text(encoding="utf-8")
    default = lock.partition(" ")[0].removeprefix("uv==")
    required, origin = _required(request.project)
    version = tool_version(
        "uv", request.settings.version, default, required=required, origin=origin, oldest=OLDEST
    )
    pinned, index = version == default, _index(request.environment)
    secret = redacted(index) != index
    env = LayerEnv().override("UV_PROJECT_ENVIRONMENT", str(request.venv))
    # `uv run` is then the command itself, in the environment as it is: nothing is locked, synced or downloaded.
    for name, value in (("UV_FROZEN", "1"), ("UV_NO_SYNC", "1"), ("UV_PYTHON_DOWNLOADS", "never")):
        env = env.override(name, value)
    # Its home may be nowhere that can be written to.
    env = env.default("UV_NO_CACHE", "1", scope=Scope.LAUNCH)
    return ToolLayer(
        version=version,
        inputs={"hashes": f"sha256:{hashlib.sha256(lock.encode()).hexdigest()}"}
        if pinned
        else {"hashes": "not hash-pinned", "index": redacted(index)},
        install=install_distributions(
            request,
            lock if pinned else "",
            also=() if pinned else (f"uv=={version}",),
            scripts=("uv", "uvx"),
            standalone=True,
            env={"PIP_INDEX_URL": SecretStr(index) if secret else index} if index else {},
            shown=f"pip install uv=={version}",
        ),
        env=env,
        depends_on_python=PythonDependence.NONE,
        stand_ins=dict.fromkeys(("uv", "uvx"), _STAND_IN),
        launchers=("uv run",),
    )


def _required(project: Project) -> tuple[str, str]:
    """Return which uv the application requires, as a PEP 440 specifier set, and where it says so in which words."""
    # A uv.toml takes the place of the table, as a whole.
    if project.exists("uv.toml"):
        key, settings = "required-version in uv.toml", project.toml("uv.toml")
    else:
        key = "tool.uv.required-version in pyproject.toml"
        settings = dict(table(project.toml("pyproject.toml"), "tool", "uv"))
    required = str(settings.get("required-version", ""))
    return re.sub(r"^(?=\d)", "==", required), f"{key} is {required}"


def _index(environment: Mapping[str, str]) -> str:
    """Return the index that uv is set to, where pip is not set to one."""
    if "PIP_INDEX_URL" in environment:
        return ""
    index = environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL", "")
    # It may have a name: "internal=https://…".
    return re.sub(r"^[\w.-]+=(?=\w+:)", "", index)
