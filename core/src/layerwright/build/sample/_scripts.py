"""The scripts of entry points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["scripts_of"]

_GROUPS: Final = ("console_scripts", "gui_scripts")


def scripts_of(dist_info: Path) -> set[str]:
    """Return the names of the scripts that the distribution with the metadata *dist_info* declares."""
    from configparser import Error, RawConfigParser

    parser = RawConfigParser(delimiters="=", strict=False)
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    try:
        parser.read(dist_info / "entry_points.txt", encoding="utf-8")
    except (Error, ValueError):
        return set()
    return {name for group in _GROUPS if parser.has_section(group) for name in parser.options(group)}
