"""The type of a package manager's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["S"]

if TYPE_CHECKING:
    # With a default (PEP 696), a package manager without settings of its own needs no brackets. TypeVar takes one from
    # Python 3.13 on, and importing typing_extensions takes too long.
    from typing_extensions import TypeVar

    from layerwright.config.reading import ToolSettings

    S = TypeVar("S", bound=ToolSettings, default=Any)
else:
    from typing import TypeVar

    S = TypeVar("S")
