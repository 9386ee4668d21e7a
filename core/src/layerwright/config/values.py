"""Conversion of one configured value, from a file or a variable, to the type of its setting."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["arms", "checked", "plain", "shown", "typed"]

T = TypeVar("T")

_UNDECIDED: Final = object()
_STRINGS: Final = tuple[str, ...]
_PLAIN: Final = {str: "a string", bool: "true or false", _STRINGS: "an array of strings", NoneType: ""}
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
# Python prints no longer ones.
_LONGEST_NUMBER: Final = 10_000
_COLLECTIONS: Final = (tuple, list, set, frozenset)


class _Checked(Generic[T]):
    """A mark that pydantic understands, so that defining a model does not import pydantic."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[T], T]) -> None:
        self.function = function

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.function, handler(source))


def checked(function: Callable[[T], T]) -> Any:
    """Return an annotation, for use in ``Annotated``, that makes *function* check the setting.

    *function* gets a value of the right type, and returns it, possibly converted, or raises ``ValueError`` with words
    that follow the key, the value and a colon: "must be a name". It must be pure. The default is not checked.
    """
    return _Checked(function)


def typed(raw: object, hint: Any, *, text: bool = False) -> Any:
    """Return *raw*, a value of a TOML file, as the type *hint*, with ``checked`` functions applied.

    Types are strict: a string is not a boolean. With *text*, *raw* is the text of an environment variable or of a
    command line: ``true``, ``1``, ``false`` and ``0`` are booleans, and commas separate the items of an array.
    ``ValueError``: the value does not have this type; the message follows the name of the setting.
    """
    if text:
        raw = _from_text(str(raw), hint)
    value = _plainly(raw, hint)
    return _by_pydantic(raw, hint, strict=not text) if value is _UNDECIDED else value


def shown(value: object) -> str:
    """Return *value* in TOML notation, for a message, without the credentials of URLs."""
    if isinstance(value, str):
        import json

        from layerwright.process.redaction import redacted

        return json.dumps(redacted(value), ensure_ascii=not value.isprintable())
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        return "a number of thousands of digits"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {shown(item)}' for key, item in value.items())}}}"
    return "not set" if value is None else str(value)


def plain(value: object) -> Any:
    """Return *value*, that of a setting, as JSON has it, without the credentials of URLs."""
    from dataclasses import fields, is_dataclass

    from layerwright.process.redaction import redacted

    if value is None or isinstance(value, bool | int | float):
        return value
    if is_dataclass(value):
        names = (field.name for field in fields(value))
        return {name.rstrip("_").replace("_", "-"): plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    # Some other type that pydantic can validate, such as a path.
    return redacted(str(value))


def _plainly(raw: object, hint: Any) -> object:
    # The same result as pydantic's for clear cases, because importing pydantic takes longer than the rest of an
    # unchanged rebuild. Everything else, and every rejection, is left to pydantic.
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        value = _plainly(raw, inner)
        for mark in marks:
            if value is _UNDECIDED or not isinstance(mark, _Checked):
                return _UNDECIDED
            try:
                value = mark.function(value)
            except ValueError:
                return _UNDECIDED
        return value
    kinds = arms(hint)
    choices = [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    if not _PLAIN.keys() >= {kind for kind in kinds if get_origin(kind) is not Literal}:
        return _UNDECIDED
    if type(raw) is str and raw in choices:
        return raw
    if type(raw) in (str, bool) and type(raw) in kinds:
        return raw
    if type(raw) is list and _STRINGS in kinds and all(type(item) is str for item in raw):
        return tuple(raw)
    return _UNDECIDED


def _by_pydantic(raw: object, hint: Any, *, strict: bool) -> object:
    import json

    from pydantic import TypeAdapter, ValidationError

    expected = _expected(hint)
    try:
        # Through JSON, because pydantic's strict rules for it fit TOML: an array is valid for a tuple.
        text = json.dumps(raw)
    except TypeError:
        raise ValueError(f"must be {expected or 'no date or time'}, not {shown(raw)}") from None
    except ValueError:
        words = expected or "a number that can be shown"
        raise ValueError(f"must be {words}, not {shown(raw)}") from None
    try:
        return TypeAdapter(hint).validate_json(text, strict=strict)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        said = [problem["ctx"]["error"] for problem in problems if problem["type"] == "value_error"]
        if not said and expected and all(_is_of_type(problem["type"]) for problem in problems):
            raise ValueError(f"must be {expected}, not {shown(raw)}") from None
        raise ValueError(f"is {shown(raw)}: {said[0] if said else problems[0]['msg']}") from None


def _from_text(text: str, hint: Any) -> object:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("is not UTF-8 text") from None
    kinds = arms(get_args(hint)[0] if get_origin(hint) is Annotated else hint)
    if str in kinds:
        return text
    if bool in kinds:
        return _TRUTH.get(text.lower(), text)
    if any(get_origin(kind) in _COLLECTIONS for kind in kinds):
        return [item.strip() for item in text.split(",") if item.strip()]
    return text


def arms(hint: Any) -> tuple[Any, ...]:
    """Return the types of which *hint* is the union, or *hint* alone."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _expected(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        return _expected(get_args(hint)[0])
    words = [
        f"one of {', '.join(map(shown, get_args(kind)))}" if get_origin(kind) is Literal else _PLAIN.get(kind)
        for kind in arms(hint)
    ]
    return "" if None in words else " or ".join(filter(None, words))


def _is_of_type(error: str) -> bool:
    return error.endswith(("_type", "_parsing")) or error == "literal_error"
