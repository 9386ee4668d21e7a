"""The NLTK plugin of Layerwright: a layer with the data that the application names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import ContributedLayer, HookContext

__all__ = ["layerwright_layers", "layerwright_settings"]


@hookimpl
def layerwright_settings() -> type | None:
    """Return the model of the table ``nltk``."""
    from layerwright_nltk.settings import NltkSettings

    return NltkSettings


@hookimpl
def layerwright_layers(context: HookContext) -> Iterable[ContributedLayer]:
    """Contribute the data to an application that has NLTK installed."""
    if "nltk" not in context.distributions:
        return ()
    from layerwright_nltk.data import data_layer

    return data_layer(context)
