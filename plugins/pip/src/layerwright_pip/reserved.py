"""The settings of pip that Layerwright controls, so that a user must not set them."""

from __future__ import annotations

from typing import Final

__all__ = ["PIP_RESERVED_ENV", "RESERVED_SETTINGS"]

RESERVED_SETTINGS: Final = frozenset({
    # where distributions go
    "no-user", "prefix", "python", "root", "source", "source-dir", "source-directory", "src", "target",
    "user",
    # what is installed: the configuration names the requirements files
    "editable", "group", "only-dependencies", "only-deps", "requirement", "requirements-from-script",
    # for which interpreter
    "abi", "implementation", "platform", "python-version",
    # whether it is installed at all, and where that is reported
    "dry-run", "report",
})  # fmt: skip
"""Names as in pip's configuration files. The cache directory is not among them, because it changes no result."""

PIP_RESERVED_ENV: Final = frozenset(f"PIP_{name.upper().replace('-', '_')}" for name in RESERVED_SETTINGS)
