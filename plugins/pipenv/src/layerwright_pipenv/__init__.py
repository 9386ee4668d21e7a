"""The Pipenv plugin of Layerwright."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import PackageManager

__all__ = ["layerwright_package_managers"]


@hookimpl
def layerwright_package_managers() -> Iterable[PackageManager]:
    """Provide Pipenv."""
    # Imported late, because reading the hooks must stay fast.
    from layerwright_pipenv.manager import Pipenv

    return (Pipenv(),)
