"""Expands the words of a declared command, with the options for the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.plugins.declarative._placeholders import OPTIONS, VALUE, filled
from layerwright.plugins.declarative._settings import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.plugins.declarative._model import SettingTable

__all__ = ["chosen", "expanded", "options"]


def expanded(words: Iterable[str], options: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return *words* with placeholders replaced by *values*, and with *options* where the declaration puts them."""
    return tuple(each for word in words for each in (options if word == OPTIONS else (filled(word, values),)))


def chosen(tables: Mapping[str, SettingTable], settings: Any, exec_env: str) -> frozenset[str]:
    """Return all strings in *settings* that count in *exec_env*: groups and extras, and perhaps more."""
    found = (_values(table, getattr(settings, attribute(name)), exec_env) for name, table in tables.items())
    return frozenset(value for values in found for value in values)


def options(tables: Mapping[str, SettingTable], settings: Any, exec_env: str) -> tuple[str, ...]:
    """Return the options of all *tables* for the values of *settings*, in the order of the declaration."""
    values = {
        name: _values(table, getattr(settings, attribute(name)), exec_env) for name, table in tables.items()
    }
    given = {table.otherwise for name, table in tables.items() if values[name]}
    found: list[str] = []
    for name, table in tables.items():
        if table.option is not None:
            found += [filled(table.option, {VALUE: value}) for value in values[name]]
        if table.otherwise is not None and table.otherwise not in given:
            found.append(filled(table.otherwise, {}))
    # Equal options of several settings, ``otherwise`` included, become one.
    return tuple(dict.fromkeys(found))


def _values(table: SettingTable, value: Any, exec_env: str) -> tuple[str, ...]:
    if not value or table.exec_env not in (None, exec_env):
        return ()
    return ("",) if value is True else (value,) if isinstance(value, str) else tuple(value)
