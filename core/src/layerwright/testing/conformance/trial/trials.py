"""Values to try, for the settings that a plugin has and for the variables that it looks up."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from typing_extensions import override

from layerwright.config.models import ToolSettings
from layerwright.errors import UserError
from layerwright.testing.conformance.trial.describing import settings_of

if TYPE_CHECKING:
    from layerwright.contract.package_manager import PackageManager
    from layerwright.testing.conformance.trial.subject import Subject

__all__ = [
    "IS_SECRET",
    "IS_URL",
    "Asked",
    "own_settings",
    "samples",
    "samples_of",
    "values_of",
    "values_of_variable",
]

_USUAL: Final = frozenset(field.name for field in fields(ToolSettings))
IS_SECRET: Final = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN")
IS_URL: Final = re.compile(r"INDEX|MIRROR|PROXY|REGISTRY|REPOSITOR|URL")
"""Parts of the names of variables that hold a URL."""

_PLAIN: Final[Mapping[object, tuple[object, ...]]] = {
    bool: (True, False),
    int: (1, 2),
    float: (0.5, 1.5),
}
_TEXT: Final = "sample"


class Asked(Mapping[str, str]):
    """The user's *variables*; ``names`` are all names that were looked up, set or not."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.names: Final[set[str]] = set()

    @override
    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._variables[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    @override
    def __len__(self) -> int:
        return len(self._variables)


def values_of_variable(name: str) -> tuple[str, ...]:
    """Return values to try for the variable *name*; none for a credential, which does not change the result."""
    if IS_SECRET.search(name):
        return ()
    return ("https://example.com/other/",) if IS_URL.search(name) else ("1", _TEXT)


def own_settings(manager: PackageManager) -> Iterator[tuple[str, str]]:
    """Yield the key and the field name of each setting that only this manager has."""
    for field in fields(manager.settings_model):
        if field.name not in _USUAL:
            yield field.name.rstrip("_").replace("_", "-"), field.name


def samples(subject: Subject) -> Iterator[tuple[str, object]]:
    """Yield each setting that only this manager has with values other than the default, as in a TOML file."""
    manager = subject.manager
    own = own_settings(manager)
    return samples_of(manager.settings_model, own, subject.samples, lambda table: settings_of(manager, table))


def samples_of(
    model: type[Any],
    own: Iterable[tuple[str, str]],
    given: Mapping[str, object],
    read: Callable[[Mapping[str, object]], Any],
) -> Iterator[tuple[str, object]]:
    """Yield each of the settings *own* of *model* with values other than the default, those *given* first.

    *read* returns the settings from a table.
    """
    hints = get_type_hints(model)
    for key, name in own:
        for value in (*([given[key]] if key in given else []), *values_of(hints[name])):
            if _is_another(read, key, name, value):
                yield key, value


def values_of(hint: Any, text: str = _TEXT) -> Iterator[object]:
    """Yield values, as in a TOML file, for a setting of type *hint*; none if the type is not a simple one.

    Strings are *text*.
    """
    kind, arguments = get_origin(hint) or hint, get_args(hint)
    if kind is Annotated:
        yield from values_of(arguments[0], text)
    elif kind is Literal:
        yield from arguments
    elif kind in (Union, UnionType):
        for arm in arguments:
            yield from values_of(arm, text)
    elif kind is str:
        yield text
    elif kind in _PLAIN:
        yield from _PLAIN[kind]
    elif isinstance(kind, type) and issubclass(kind, Collection):
        is_table = issubclass(kind, Mapping)
        parts = arguments or ((str, str) if is_table else (str,))
        items = zip(*(values_of(part, text) for part in parts if part is not ...), strict=False)
        yield from (dict([item]) if is_table else [*item] for item in items)


def _is_another(read: Callable[[Mapping[str, object]], Any], key: str, name: str, value: object) -> bool:
    try:
        found = read({key: value})
    except UserError:
        return False
    return bool(getattr(found, name) != getattr(read({}), name))
