"""The settings of the table ``frameworks``."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["FrameworksSettings"]


@dataclass(frozen=True, kw_only=True)
class FrameworksSettings:
    """The parts that an application can disable."""

    collectstatic: bool = field(
        default=True, metadata={"help": "whether to collect the static files of a Django project"}
    )
