"""Versions and names of the Buildpack API."""

from __future__ import annotations

from typing import Final

__all__ = ["BINDINGS", "BINDING_ROOT", "EXEC_ENV_API", "PRODUCTION", "SUPPORTED_APIS"]

SUPPORTED_APIS: Final = ("0.10", "0.11", "0.12")
EXEC_ENV_API: Final = "0.12"
"""The first one in which a buildpack or a process can be limited to some execution environments."""

PRODUCTION: Final = "production"
"""The execution environment, unless a platform sets another ("Execution Environments")."""

BINDINGS: Final = "bindings"
"""The directory of service bindings in the directory of the platform."""
BINDING_ROOT: Final = "SERVICE_BINDING_ROOT"
"""The variable with another directory of service bindings."""
