"""Writes the files of a new virtual environment that the ``venv`` module writes by its patch release.

These are ``pyvenv.cfg``, which names that release, and the scripts that activate the environment, which releases
improve. What is in their place is the same for every patch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.build.patches._activation import scripts

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["settle_application", "settle_tool"]

_CONFIGURATION: Final = "pyvenv.cfg"
# uv compares what is written, minor version or patch, with its interpreter, and otherwise makes a new environment.
# https://github.com/astral-sh/uv/blob/main/crates/uv-python/src/environment.rs (get_pyvenv_version_conflict)
_VERSION: Final = re.compile(r"(?m)^(version(?:_info)?\s*=\s*\d+\.\d+)\.\S*[ \t]*$")
_SCRIPT: Final = re.compile(r"activate(\.\w+)?|Activate\.ps1")


def settle_application(environment: Path) -> None:
    """Rewrite these files in *environment*, that of an application."""
    _without_patch(environment)
    directory = environment / "bin"
    directory.mkdir(exist_ok=True)
    for name, text in scripts(environment).items():
        (directory / name).write_text(text, encoding="utf-8")


def settle_tool(layer: Path) -> None:
    """Rewrite ``pyvenv.cfg`` in the virtual environments of the tool *layer*, and remove their activation scripts."""
    for configuration in sorted(layer.glob(f"*/{_CONFIGURATION}")):
        _without_patch(configuration.parent)


def _without_patch(environment: Path) -> None:
    for file in environment.glob(_CONFIGURATION):
        file.write_text(_VERSION.sub(r"\1", file.read_text(encoding="utf-8")), encoding="utf-8")
    for script in sorted((environment / "bin").glob("[Aa]ctivate*")):
        if _SCRIPT.fullmatch(script.name):
            script.unlink()
