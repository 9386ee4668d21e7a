"""The uv plugin of Layerwright: uv in a layer of its own, and virtual environments that it fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import PackageManager

__all__ = ["layerwright_package_managers"]


@hookimpl
def layerwright_package_managers() -> Iterable[PackageManager]:
    """Provide uv."""
    from layerwright_uv.manager import Uv

    return (Uv(),)
