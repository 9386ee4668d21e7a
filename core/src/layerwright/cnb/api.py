"""The versions of the Buildpack API."""

from __future__ import annotations

from typing import Final

__all__ = ["EXEC_ENV_API", "SUPPORTED_APIS"]

SUPPORTED_APIS: Final = ("0.10", "0.11", "0.12")
EXEC_ENV_API: Final = "0.12"
"""The first one in which a buildpack or a process can be limited to some execution environments."""
