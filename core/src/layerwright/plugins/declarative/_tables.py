"""Reads tables into models: the fields of a dataclass are keys, and all mistakes are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from layerwright.config.reading import keys_of, nearest
from layerwright.config.values import shown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Reader"]

T = TypeVar("T")
_WORDS: Final = {str: "a string", bool: "true or false", tuple: "an array"}
_LEFT_OUT: Final = object()
# Evaluating annotations takes longer than everything else here, and some models have many tables.
_evaluated: Final = cache(get_type_hints)


class Reader:
    """Continues after a mistake, and reports each one: the dotted key, and the words that follow it.

    A wrong value is replaced by the default of its field, or left out.
    """

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell

    def table(self, model: type[T], raw: Mapping[str, Any], place: str = "") -> T:
        """Return the table *raw*, which is at the key *place*, as *model*."""
        keys, hints = keys_of(model), _hints(model)
        for key in raw:
            if key not in keys:
                self._tell(_below(place, key), f"is an unknown key{nearest(key, keys)}")
        values = {}
        for key, field in keys.items():
            at, hint = _below(place, key), hints[field.name]
            required = field.default is MISSING and field.default_factory is MISSING
            value = self._value(hint, raw[key], at) if key in raw else _LEFT_OUT
            if required and raw.get(key) in (None, "", []):
                self._tell(at, "is empty" if key in raw else "is missing")
                value = _LEFT_OUT
            if value is not _LEFT_OUT:
                values[field.name] = value
            elif required:
                values[field.name] = self._nothing(hint)
        return model(**values)

    def _value(self, hint: Any, raw: Any, place: str) -> Any:
        """Return *raw* as the type *hint*, or ``_LEFT_OUT``."""
        arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        for arm in arms:
            if _is_model(arm):
                if isinstance(raw, dict):
                    return self.table(arm, raw, place)
            elif _fits(arm, raw):
                return self._fitting(arm, raw, place)
        self._tell(place, f"must be {_words(hint)}, not {shown(raw)}")
        return _LEFT_OUT

    def _fitting(self, hint: Any, raw: Any, place: str) -> Any:
        if get_origin(hint) is tuple:
            item = get_args(hint)[0]
            values = [self._value(item, each, f"{place}[{number}]") for number, each in enumerate(raw)]
            # In its place, so that rules count the items as they are written.
            return tuple(self._nothing(item) if value is _LEFT_OUT else value for value in values)
        if get_origin(hint) is Mapping:
            item = get_args(hint)[1]
            named = {name: self._value(item, each, _below(place, name)) for name, each in raw.items()}
            return {name: value for name, value in named.items() if value is not _LEFT_OUT}
        return raw

    def _nothing(self, hint: Any) -> Any:
        """Return a stand-in for a missing required value, so that other mistakes can be found."""
        if _is_model(hint):
            return Reader(lambda _key, _words: None).table(hint, {})
        return () if get_origin(hint) is tuple else ""


def _hints(model: Any) -> dict[str, Any]:
    return _evaluated(model)


def _is_model(hint: Any) -> bool:
    # As a function of its own it leaves the type alone, which is a class whenever it is one of ours.
    return is_dataclass(hint)


def _fits(hint: Any, raw: Any) -> bool:
    """Return whether *raw* is of the kind *hint*; items of arrays and tables are not checked."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return any(_fits(arm, raw) for arm in get_args(hint))
    if origin is Literal:
        return any(raw == choice and type(raw) is type(choice) for choice in get_args(hint))
    kinds: dict[Any, type] = {tuple: list, Mapping: dict}
    return type(raw) is kinds.get(origin, hint)


def _words(hint: Any) -> str:
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_words(arm) for arm in get_args(hint) if arm is not NoneType)
    if get_origin(hint) is Literal:
        return " or ".join(map(shown, get_args(hint)))
    return _WORDS.get(get_origin(hint) or hint, "a table")


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
