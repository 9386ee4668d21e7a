"""Placeholders, such as ``{venv}``, in the words of a declaration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.config.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["IN_COMMANDS", "IN_TOOL_ENV", "OPTIONS", "VALUE", "filled", "placeholder_problems"]

VALUE: Final = "value"
"""The placeholder for one value of a setting."""
IN_TOOL_ENV: Final = ("tool", "venv", "python", "project", "version")
"""The placeholders that are available in the tool layer."""
IN_COMMANDS: Final = (*IN_TOOL_ENV, "cache")
"""The placeholders that are available when the virtual environment is filled."""
OPTIONS: Final = "{options}"
"""The word of a command that stands for the options of all settings."""

_MARK: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ESCAPED: Final = {"{{": "{", "}}": "}"}


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with placeholders replaced by *values*; unknown ones stay."""
    return _MARK.sub(lambda mark: _ESCAPED.get(mark[0]) or values.get(mark[1], mark[0]), text)


def placeholder_problems(text: str, names: Collection[str]) -> Iterator[str]:
    """Yield the mistakes in the placeholders of *text*, in which only *names* are valid."""
    for mark in _MARK.finditer(text):
        if mark[0] in "{}":
            yield f'has a single "{mark[0]}" in "{text}"; write "{mark[0] * 2}" for the character itself'
        elif mark[0] not in _ESCAPED and mark[1] not in names:
            there = ", ".join(f"{{{name}}}" for name in names) or "none"
            yield f'has an unknown placeholder {mark[0]} in "{text}"{nearest(mark[1], names) or f"; there is {there}"}'
