"""What the platform and the user have given: service bindings and variables, as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.cnb.bindings import read_bindings
from layerwright.config.sources import INDEX_PREFIX
from layerwright.config.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from layerwright.cnb.bindings import Binding

__all__ = [
    "BINDING_ENTRIES",
    "BINDING_TYPES",
    "GIT",
    "INDEX",
    "NETRC",
    "PYTHON_MIRROR",
    "VARIABLES",
    "Entry",
    "from_bindings",
    "from_variables",
    "normal",
]

INDEX: Final = "index"
GIT: Final = "git"
NETRC: Final = "netrc"
PYTHON_MIRROR: Final = "python-mirror"

_REPLACES_DEFAULT: Final = "pypi"
BINDING_TYPES: Final = {
    _REPLACES_DEFAULT: INDEX,
    "python-index": INDEX,
    GIT: GIT,
    NETRC: NETRC,
    PYTHON_MIRROR: PYTHON_MIRROR,
}
BINDING_ENTRIES: Final = {
    "url": ("uri", "url"),
    "username": ("username",),
    "password": ("password",),
    "default": ("default",),
    "keyring": ("keyring",),
    "certificate": ("certificates", "certificate", "ca.crt"),
    "private-key": ("private-key", "tls.key"),
    "netrc": ("netrc", ".netrc"),
}
VARIABLES: Final = ("URL", "USERNAME", "PASSWORD", "DEFAULT", "KEYRING", "CERTIFICATE")


class Entry(NamedTuple):
    """An index, a repository, a mirror or a netrc file, from one source.

    ``values`` are as written, and ``places`` says of each where it is written.
    """

    name: str
    role: str
    origin: str
    values: Mapping[str, str]
    places: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Entry({self.name!r}, {self.role!r}, {self.origin!r})"


def normal(name: str) -> str:
    """Return the *name* of an index in lower case, with dashes for other marks."""
    return name.lower().replace("_", "-").replace(".", "-")


def from_bindings(directories: Iterable[Path]) -> tuple[Entry, ...]:
    """Return the bindings for package indexes, repositories, mirrors of interpreters, and netrc files.

    ``SiteError``: one of them cannot be used; the message shows no value.
    """
    return tuple(map(_of_binding, read_bindings(directories, BINDING_TYPES)))


def from_variables(
    environment: Mapping[str, str], read: Callable[[str], str | None], problems: list[str]
) -> tuple[Entry, ...]:
    """Return the indexes in the variables ``LAYERWRIGHT_INDEX_<NAME>_…`` of *environment*; add to *problems*.

    An empty variable is ignored. *read* returns the text of a file with certificates, ``None`` if it cannot be read.
    """
    values: dict[str, dict[str, str]] = {}
    places: dict[str, dict[str, str]] = {}
    for variable in sorted(environment):
        value = environment[variable].strip()
        if not variable.startswith(INDEX_PREFIX) or not value:
            continue
        name, _, key = variable.removeprefix(INDEX_PREFIX).rpartition("_")
        if key not in VARIABLES or not name:
            known = [f"{INDEX_PREFIX}{name or 'NAME'}_{one}" for one in VARIABLES]
            problems.append(f"{variable} is not a variable of an index{nearest(variable, known) or '.'}")
            continue
        if key == "CERTIFICATE":
            text = read(value)
            if text is None:
                problems.append(f"{variable} names a file that cannot be read: {value}")
                continue
            value = text
        values.setdefault(normal(name), {})[key.lower()] = value
        places.setdefault(normal(name), {})[key.lower()] = variable
    return tuple(
        Entry(
            name,
            INDEX,
            f"{next(iter(places[name].values())).rpartition('_')[0]}_…",
            values[name],
            places[name],
        )
        for name in values
    )


def _of_binding(binding: Binding) -> Entry:
    role = BINDING_TYPES[binding.type]
    values = dict(_values(binding, ("netrc",) if role == NETRC else BINDING_ENTRIES.keys() - {"netrc"}))
    places = {key: f"{name} of {binding.origin}" for key, (name, _) in values.items()}
    found = {key: text for key, (_, text) in values.items()}
    if role == INDEX and binding.type == _REPLACES_DEFAULT and "default" not in found:
        found["default"] = "true"
        places["default"] = f"the type {_REPLACES_DEFAULT} of {binding.origin}"
    return Entry(normal(binding.name), role, binding.origin, found, places)


def _values(binding: Binding, keys: Iterable[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for key in sorted(keys):
        name = next((name for name in BINDING_ENTRIES[key] if name in binding.entries), None)
        if name is not None and (text := binding.text(name)) is not None:
            yield key, (name, text)
