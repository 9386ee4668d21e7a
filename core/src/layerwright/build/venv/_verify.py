"""Verifies that a virtual environment matches the resolution, and an updated one a fresh one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from layerwright.build._contribute import NotLikeFresh
from layerwright.build.installed.checkouts import remove_unused_checkouts
from layerwright.build.installed.dist_info import differences, installed_in
from layerwright.build.installed.ownership import Ownership, look, shared_words, stamps, why_not_fresh
from layerwright.build.venv._occasion import forget_occasion
from layerwright.errors import SiteError
from layerwright.files.removal import remove_tree
from layerwright.files.trees.tree import refreshed, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.contract.sameness import Resolved
    from layerwright.files.trees.tree import Tree

__all__ = ["Updating", "verify_fresh"]


def verify_fresh(
    layer: Path, site_packages: Path, resolved: Iterable[Resolved] | None
) -> tuple[Tree, tuple[str, ...]]:
    """Remove files that do not belong in the new *layer*; ``SiteError``: it does not match *resolved*.

    Return what is in it then and, as text, the distributions that have the same file with different contents.
    """
    _settle(layer, site_packages)
    tree = tree_of(layer)
    found = look(tree, site_packages)
    for path in found.beside_the_source:
        remove_tree(layer / path)
    if resolved is not None:
        _verify(differences(installed_in(site_packages), resolved), found.lacking)
    return (refreshed(tree) if found.beside_the_source else tree), shared_words(found)


class Updating:
    """Inspects a virtual environment before an update, which begins with this, and after it."""

    def __init__(self, layer: Path, site_packages: Path) -> None:
        self._layer = layer
        self._site_packages = site_packages
        self._before = stamps(site_packages)

    def settle(self) -> None:
        """Remove files that do not belong, after commands have changed the virtual environment."""
        _settle(self._layer, self._site_packages)

    def look(
        self, tree: Tree, resolved: Iterable[Resolved] | None
    ) -> tuple[tuple[str, ...], tuple[Any, ...]]:
        """Return the findings for :meth:`accept`, as plain values; *tree* is the virtual environment now."""
        wrong = () if resolved is None else differences(installed_in(self._site_packages), resolved)
        return wrong, tuple(look(tree, self._site_packages))

    def accept(self, wrong: tuple[str, ...], ownership: tuple[Any, ...]) -> None:
        """Raise ``SiteError`` or ``NotLikeFresh`` unless the virtual environment equals a fresh one."""
        found = Ownership(*ownership)
        _verify(wrong, found.lacking)
        reason = why_not_fresh(found, self._before, stamps(self._site_packages))
        if reason:
            raise NotLikeFresh(reason)
        for path in found.empty:
            # The distributions in it were uninstalled, with their bytecode.
            with suppress(OSError):
                (self._layer / path).rmdir()


def _settle(layer: Path, site_packages: Path) -> None:
    forget_occasion(site_packages)
    remove_unused_checkouts(layer, site_packages)


def _verify(wrong: tuple[str, ...], lacking: tuple[str, ...]) -> None:
    if wrong or lacking:
        raise SiteError(
            "The virtual environment does not match what was resolved.",
            cause="\n".join((*wrong, *lacking)),
            remedy=(
                "Build again with --clean.",
                "If the error remains, report it with the whole log: it is a defect.",
            ),
            reference="environment-differs",
        )
