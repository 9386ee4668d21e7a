"""A context of hooks that notices when a plugin is about to read the virtual environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from layerwright.contract.hooks import HookContext
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WatchedContext"]


@frozen
class WatchedContext(HookContext):
    """A context like any other: getting ``venv`` brings back the contents of layers that were kept without them."""

    @classmethod
    def of(cls, bring: Callable[[], object], **values: Any) -> Self:
        """Return the context with *values*, its fields, which calls *bring* whenever ``venv`` is read."""
        context = cls(**values)
        object.__setattr__(context, "_bring", bring)
        return context

    def __getattribute__(self, name: str) -> Any:
        if name == "venv":
            object.__getattribute__(self, "_bring")()
        return object.__getattribute__(self, name)
