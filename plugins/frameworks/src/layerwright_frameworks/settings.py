"""The settings of the table ``frameworks``."""

from __future__ import annotations

from dataclasses import field

from layerwright import frozen

__all__ = ["FrameworksSettings"]


@frozen
class FrameworksSettings:
    """The parts that an application can disable."""

    collectstatic: bool = field(
        default=True, metadata={"help": "whether to collect the static files of a Django project"}
    )
