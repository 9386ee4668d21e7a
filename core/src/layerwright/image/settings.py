"""What can be chosen about an image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from layerwright.image.layers.trees import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.config.reading import ImageSettings

__all__ = ["DEFAULT_OWNER", "Choices"]

DEFAULT_OWNER: Final = Owner(1000, 1000)
"""The owner of the files: the user of many builders, so that layers are equal to those of buildpacks."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The choices of an application: see the table ``image`` of the configuration."""

    user: str = ""
    owner: Owner = DEFAULT_OWNER
    ports: tuple[str, ...] = ()
    stop_signal: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: ImageSettings) -> Self:
        """Return the choices in *settings*."""
        labels = (label.partition("=") for label in settings.labels)
        return cls(
            user=settings.user or "",
            owner=Owner(*map(int, settings.owner.split(":"))),
            ports=settings.ports,
            stop_signal=settings.stop_signal or "",
            labels={name.strip(): value for name, _, value in labels},
            exclude=settings.exclude,
        )
