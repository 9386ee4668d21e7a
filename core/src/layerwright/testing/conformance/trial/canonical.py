"""Values of the contract as plain data, to compare and show those of two processes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from functools import partial
from types import MethodType
from typing import Any

from layerwright.contract.package_manager import PackageManager
from layerwright.files.project import Project
from layerwright.process.redaction import SecretStr

__all__ = ["flattened"]


def flattened(value: object, place: str = "") -> dict[str, str]:
    """Return each leaf of *value* by its place, such as ``install.commands[0].argv[1]``.

    A function becomes its name, because two functions from one definition do the same but are not equal.
    """
    return dict(_leaves(value, place))


def _leaves(value: Any, place: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, object]]
    if isinstance(value, Project):
        return [(place, f"the project in {value.root}")]
    if isinstance(value, PackageManager):
        return [(place, type(value).__qualname__)]
    if isinstance(value, SecretStr):
        return [(place, f"SecretStr {hashlib.sha256(value.get_secret_value().encode()).hexdigest()[:8]}")]
    if is_dataclass(value) and not isinstance(value, type):
        parts = [(f".{field.name}", getattr(value, field.name)) for field in fields(value)]
    elif isinstance(value, Mapping):
        parts = [(f"[{key!r}]", item) for key, item in value.items()]
    elif isinstance(value, tuple | list):
        parts = [(f"[{position}]", item) for position, item in enumerate(value)]
    elif isinstance(value, AbstractSet):
        parts = [(f"[{position}]", item) for position, item in enumerate(sorted(map(repr, value)))]
    elif isinstance(value, partial):
        parts = [(".func", value.func), (".args", value.args), (".keywords", value.keywords)]
    elif isinstance(value, MethodType):
        parts = [(f".{value.__name__}", value.__self__)]
    else:
        return [(place, getattr(value, "__qualname__", None) or repr(value))]
    return [leaf for name, part in parts for leaf in _leaves(part, place + name)] or [
        (place, type(value).__name__)
    ]
