"""The settings of the table ``nltk``."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["NltkSettings"]


@dataclass(frozen=True, kw_only=True)
class NltkSettings:
    """The data of NLTK that the application needs."""

    data: tuple[str, ...] = field(
        default=(), metadata={"help": "names of NLTK's data packages; if empty, those in nltk.txt"}
    )
