"""The checkouts of repositories that package managers leave in the ``src`` directory of a virtual environment.

pip imports editable ones from there. Poetry also leaves the others, unless it has their wheel in a cache.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["CHECKOUTS", "remove_unused_checkouts"]

CHECKOUTS: Final = "src"
# An editable installation is a path entry, or a module that finds its packages.
_POINTERS: Final = ("*.pth", "*.egg-link", "*.py", "*.dist-info/direct_url.json")


def remove_unused_checkouts(layer: Path, site_packages: Path) -> None:
    """Remove the checkouts in *layer* to which nothing in *site_packages* points: their distributions are installed."""
    directory = layer / CHECKOUTS
    if not directory.is_dir():
        return
    pointers = "\n".join(_pointers(site_packages))
    for checkout in directory.iterdir():
        if f"{CHECKOUTS}/{checkout.name}" not in pointers:
            remove_tree(checkout)
    with suppress(OSError):
        directory.rmdir()


def _pointers(site_packages: Path) -> Iterator[str]:
    for pattern in _POINTERS:
        for path in site_packages.glob(pattern):
            with suppress(OSError):
                yield path.read_text(encoding="utf-8", errors="surrogateescape")
