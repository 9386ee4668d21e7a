"""Frozen dataclasses without generated methods, for the modules that a build with nothing changed imports.

The standard library writes and compiles the methods of each dataclass while it is imported, and such a build imports
fifty of them. docs/performance.md says how long that takes.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from inspect import Signature

__all__ = ["frozen"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field,))
def frozen(kind: type[T]) -> type[T]:
    """Do what ``@dataclass(frozen=True, kw_only=True)`` does, without generating methods.

    Such classes and standard frozen dataclasses can inherit from each other. A field is positional with
    ``kw_only=False``. ``TypeError``: a field has ``init=False``. ``InitVar`` and ``__slots__`` are not
    supported.
    """
    own, documented, inherits = set(vars(kind)), kind.__doc__, hasattr(kind, "__dataclass_fields__")
    if {"__eq__", "__hash__"} <= own and vars(kind)["__hash__"] is None:
        own.remove("__hash__")  # Python adds it to a class that defines equality
    if not documented:
        kind.__doc__ = kind.__name__  # for now, or the library would write one
    # The library compares `frozen` with the bases, and generates two methods if it is true.
    dataclasses.dataclass(init=False, repr=False, eq=False, frozen=inherits, kw_only=True)(kind)
    params: Any = vars(kind)["__dataclass_params__"]
    params.init = params.repr = params.eq = params.frozen = True
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(kind)  # type: ignore[arg-type]
    if not all(field.init for field in fields):
        raise TypeError(f"a field of {kind.__qualname__} has init=False")
    methods = [_init(kind, fields), *_values(fields)]
    if not inherits:
        for name in own & {"__setattr__", "__delattr__"}:
            raise TypeError(f"Cannot overwrite attribute {name} in class {kind.__name__}")
        methods += _refusals(kind, frozenset(field.name for field in fields))
    for method in methods:
        if method.__name__ not in own:
            method.__qualname__ = f"{kind.__qualname__}.{method.__name__}"
            setattr(kind, method.__name__, method)
    kind.__signature__ = _Signature(fields, methods[0])  # type: ignore[attr-defined]
    if not documented:
        kind.__doc__ = _Documentation()  # type: ignore[assignment]
    return kind


def _init(cls: type, fields: Sequence[dataclasses.Field[Any]]) -> Callable[..., None]:
    names = dict.fromkeys(field.name for field in fields).keys()
    positional = [field.name for field in fields if not field.kw_only]
    defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
    factories = [
        (field.name, field.default_factory)
        for field in fields
        if field.default_factory is not dataclasses.MISSING
    ]
    size, finish = len(names), hasattr(cls, "__post_init__")

    def __init__(self: Any, /, *args: object, **values: object) -> None:  # noqa: N807
        if args:
            named = dict(zip(positional, args, strict=False))
            if len(named) < len(args) or named.keys() & values:
                _standard(fields, __init__)(*args, **values)
            values |= named
        if len(values) != size:
            values = {**defaults, **values}
            for name, factory in factories:
                if name not in values:
                    values[name] = factory()
        if values.keys() != names:
            _standard(fields, __init__)(**values)
        self.__dict__.update(values)
        if finish:
            self.__post_init__()

    return __init__


def _values(fields: Sequence[dataclasses.Field[Any]]) -> Iterator[Callable[..., Any]]:
    shown = [field.name for field in fields if field.repr]
    compared = _reader([field.name for field in fields if field.compare])
    hashed = _reader(
        [field.name for field in fields if (field.compare if field.hash is None else field.hash)]
    )

    def __repr__(self: Any) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(hashed(self))

    yield from (recursive_repr()(__repr__), __eq__, __hash__)


def _reader(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _refusals(cls: type[Any], names: frozenset[str]) -> Iterator[Callable[..., None]]:
    def __setattr__(self: object, name: str, value: object) -> None:  # noqa: N807
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: object, name: str) -> None:  # noqa: N807
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    yield from (__setattr__, __delattr__)


class _Signature:
    """The signature of a class for :mod:`inspect`, read when it is asked for."""

    def __init__(self, fields: Sequence[dataclasses.Field[Any]], init: Callable[..., None]) -> None:
        self._fields, self._init = fields, init

    def __get__(self, instance: object, owner: type) -> Signature:
        if owner.__init__ is not self._init:  # type: ignore[misc]  # a subclass has its own
            raise AttributeError("__signature__")
        from inspect import signature

        return signature(_standard(self._fields, self._init))


class _Documentation:
    """The docstring of a class that has none, which is its signature, written when it is asked for."""

    def __get__(self, instance: object, owner: type) -> str:
        from inspect import signature

        return owner.__name__ + str(signature(owner)).replace(" -> None", "")


def _standard(fields: Sequence[dataclasses.Field[Any]], init: Callable[..., None]) -> type:
    # Its signature and the words of its errors are those of the interpreter in use.
    name = init.__qualname__.removesuffix(".__init__")
    return dataclasses.make_dataclass(name, [(field.name, field.type, field) for field in fields])
