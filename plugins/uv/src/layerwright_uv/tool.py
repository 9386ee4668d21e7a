"""The tool layer: only uv's executables, which work with any Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import LayerEnv, Scope, distribution_layer, inline_metadata, tool_version
from layerwright_uv.local_source import table
from layerwright_uv.lock_file import Lock, lock_of
from layerwright_uv.manager import OLDEST
from layerwright_uv.workspace import settings_file, workspace_of

if TYPE_CHECKING:
    from layerwright import Project, ToolLayer, ToolRequest

__all__ = ["tool_layer"]

_LOCK: Final = Path(__file__).parent / "tool.lock"
_CONTENTS: Final = Path(__file__).parent / "contents.txt"


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer with the configured uv, the one that the application requires, or the default.

    The default is installed by the hashes that this plugin ships.
    """
    lock = _LOCK.read_text(encoding="utf-8")
    default = lock.partition(" ")[0].removeprefix("uv==")
    required, origin = _required(request.project)
    version = tool_version(
        "uv", request.settings.version, default, required=required, origin=origin, oldest=OLDEST
    )
    # The URL may have a name: "internal=https://…".
    index = request.environment.get("UV_DEFAULT_INDEX") or request.environment.get("UV_INDEX_URL", "")
    env = LayerEnv().override("UV_PROJECT_ENVIRONMENT", str(request.venv))
    # With these, `uv run` only runs the command: nothing is locked, synced or downloaded.
    for name, value in (("UV_FROZEN", "1"), ("UV_NO_SYNC", "1"), ("UV_PYTHON_DOWNLOADS", "never")):
        env = env.override(name, value)
    return distribution_layer(
        request,
        "uv",
        version,
        scripts=("uv", "uvx"),
        hashed=lock if version == default else "",
        standalone=True,
        launchers=("uv run",),
        # The home directory may not be writable.
        env=env.default("UV_NO_CACHE", "1", scope=Scope.LAUNCH),
        contents=dict(line.split() for line in _CONTENTS.read_text(encoding="utf-8").splitlines()),
        index=re.sub(r"^[\w.-]+=(?=\w+:)", "", index),
    )


def _required(project: Project) -> tuple[str, str]:
    """Return the versions of uv that the application requires (PEP 440), and a sentence that says where."""
    root = workspace_of(project)
    file, pyproject = settings_file(project), root.name("pyproject.toml")
    # A uv.toml replaces the whole table.
    if project.exists(file):
        if not project.is_outside(root.root):
            project.refuse_outside(file)
        key, settings = f"required-version in {file}", project.toml(file)
    else:
        lock = lock_of(project) or Lock()
        key = f"tool.uv.required-version in {lock.script or pyproject}"
        tree = inline_metadata(project, lock.script) if lock.script else project.toml(pyproject)
        settings = dict(table(tree or {}, "tool", "uv"))
    required = str(settings.get("required-version", ""))
    return re.sub(r"^(?=\d)", "==", required), f"{key} is {required}"
