"""zstd, which some builds of Python lack."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

__all__ = ["MODULES", "zstd_module"]

MODULES: Final = ("compression.zstd", "backports.zstd")
"""The modules that have it: the first is part of Python 3.14, and the second is the same for older ones."""


def zstd_module() -> Any:
    """Return the first of ``MODULES`` that can be imported; ``None``: this Python has no zstd."""
    for name in MODULES:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None
