"""Reads tables into models: the fields of a dataclass are keys, and all mistakes are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_origin, get_type_hints

from layerwright.config.sources import Raw
from layerwright.config.values import arms, shown, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["TableReader", "is_model", "is_nested", "keys_of", "nearest"]

T = TypeVar("T")
_LEFT_OUT: Final = object()
# Evaluating annotations takes longer than everything else here, and some models have many tables.
_evaluated: Final = cache(get_type_hints)


def keys_of(model: type[Any]) -> dict[str, Field[Any]]:
    """Return the fields of *model* by their keys in a file: ``stand_in`` for ``stand-in``, ``with_`` for ``with``."""
    return {f.name.rstrip("_").replace("_", "-"): f for f in fields(model)}


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a question whether the most similar of *names* was meant; empty if none is similar."""
    from difflib import get_close_matches

    matches = get_close_matches(name, sorted(names), n=1)
    return f"; did you mean {matches[0]}?" if matches else ""


class TableReader:
    """Continues after a mistake, and reports each one: where the value is from, and the words that follow it.

    A wrong value is replaced by the default of its field, or by a stand-in if there is none. Tables, and arrays of
    anything but strings, are read here; every other value is :func:`typed`.
    """

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell

    def table(self, model: type[T], values: Mapping[str, Raw], origin: str = "") -> T:
        """Return *model* with *values* by their keys; *origin* is where the table is from."""
        keys = keys_of(model)
        hints = _hints(model) if values else {}
        for key, raw in values.items():
            if key not in keys:
                self._tell(raw.origin, f"is an unknown key{nearest(key, keys)}")
        found = {}
        for key, field in keys.items():
            required = field.default is MISSING and field.default_factory is MISSING
            value = _LEFT_OUT
            if required and (key not in values or _is_empty(values[key].value)):
                self._tell(_below(origin, key), "is empty" if key in values else "is missing")
            elif key in values:
                value = self._value(hints[field.name], values[key])
            if value is not _LEFT_OUT:
                found[field.name] = value
            elif required:
                found[field.name] = _stand_in(_hints(model)[field.name])
        return model(**found)

    def value(self, hint: Any, raw: Raw, default: Any = None) -> Any:
        """Return *raw* as the type *hint*, or *default* if it has another one."""
        value = self._value(hint, raw)
        return default if value is _LEFT_OUT else value

    def _value(self, hint: Any, raw: Raw) -> Any:
        value = raw.value
        for arm in arms(hint):
            if is_model(arm):
                if isinstance(value, dict):
                    return self.table(arm, _raws(value, raw.origin), raw.origin)
            elif get_origin(arm) is Mapping and isinstance(value, dict):
                items = {
                    name: self._value(get_args(arm)[1], each)
                    for name, each in _raws(value, raw.origin).items()
                }
                return {name: item for name, item in items.items() if item is not _LEFT_OUT}
            elif is_nested(arm) and isinstance(value, list):
                item = get_args(arm)[0]
                read = (
                    self._value(item, Raw(each, f"{raw.origin}[{number}]"))
                    for number, each in enumerate(value)
                )
                # Kept in its place, so that rules number the items as written.
                return tuple(_stand_in(item) if each is _LEFT_OUT else each for each in read)
        return self._typed(hint, raw)

    def _typed(self, hint: Any, raw: Raw) -> Any:
        words = " or ".join(filter(None, map(_words, arms(hint))))
        try:
            if not words:
                return typed(raw.value, hint, text=raw.text)
            self._tell(raw.origin, f"must be {words}, not {shown(raw.value)}")
        except ValueError as error:
            self._tell(raw.origin, str(error))
        except RecursionError:
            self._tell(raw.origin, "is nested too deeply")
        return _LEFT_OUT


def _hints(model: Any) -> dict[str, Any]:
    return _evaluated(model, include_extras=True)


def _raws(table: Mapping[str, Any], origin: str) -> dict[str, Raw]:
    return {key: Raw(value, _below(origin, key)) for key, value in table.items()}


def _is_empty(value: object) -> bool:
    return not value.strip() if isinstance(value, str) else value in (None, [])


def _below(origin: str, key: str) -> str:
    return f"{origin}.{key}" if origin else key


def is_model(hint: Any) -> bool:
    """Return whether values of *hint* are tables, each field a key."""
    # pydantic's own dataclasses have validators of their own.
    return is_dataclass(hint) and not hasattr(hint, "__pydantic_validator__")


def is_nested(hint: Any) -> bool:
    """Return whether values of *hint* are arrays of tables or of arrays."""
    item = get_args(hint)[0] if get_origin(hint) is tuple else None
    return is_model(item) or get_origin(item) is tuple


def _words(hint: Any) -> str:
    """Return what a value of *hint* must be, if this module reads such values."""
    if is_model(hint) or get_origin(hint) is Mapping:
        return "a table"
    return "an array" if is_nested(hint) else ""


def _stand_in(hint: Any) -> Any:
    """Return a value for a missing required one, so that other mistakes can be found."""
    if is_model(hint):
        return TableReader(lambda _origin, _words: None).table(hint, {})
    return () if get_origin(hint) is tuple else ""
