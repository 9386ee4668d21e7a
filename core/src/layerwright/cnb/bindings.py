"""Service bindings: a directory for each, with a file for each of its entries.

See the service binding specification (https://servicebinding.io/spec/core/1.1.0/) and that of Cloud Native Buildpacks
(https://github.com/buildpacks/spec/blob/main/extensions/bindings.md).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.cnb.api import BINDING_ROOT, BINDINGS
from layerwright.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

__all__ = ["Binding", "binding_directories", "read_bindings"]

_LARGEST: Final = 1024 * 1024
"""The size of the largest Secret of Kubernetes, in bytes."""


class Binding(NamedTuple):
    """A binding: its directory's name, its type in lower case, and the content of each other entry by its name."""

    name: str
    type: str
    place: Path
    entries: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"Binding({str(self.place)!r}, {self.type!r})"

    @property
    def origin(self) -> str:
        """The binding as text: ``the binding acme``."""
        return f"the binding {self.name}"

    def text(self, *names: str) -> str | None:
        """Return the first of the entries *names* that exists, without blanks around it; ``None`` if none does.

        ``SiteError``: it is not text, or it is empty.
        """
        name = next((name for name in names if name in self.entries), None)
        if name is None:
            return None
        try:
            text = self.entries[name].decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise self.wrong(name, "It is binary: it is not text in UTF-8.") from None
        if not text:
            raise self.wrong(name, "It is empty.")
        if "\0" in text:
            raise self.wrong(name, "It has NUL characters, so it is binary, or text in UTF-16.")
        return text

    def wrong(self, entry: str, cause: str) -> SiteError:
        """Return the error of *entry* of this binding; *cause* must not quote it."""
        return _unusable(self.place / entry, cause)


def binding_directories(environment: Mapping[str, str], platform: Path | None = None) -> tuple[Path, ...]:
    """Return the directories of bindings that exist: that of *platform*, and the one in ``SERVICE_BINDING_ROOT``."""
    from pathlib import Path

    named = environment.get(BINDING_ROOT, "").strip()
    found = [*([platform / BINDINGS] if platform else []), *([Path(named)] if named else [])]
    return tuple(dict.fromkeys(directory for directory in found if directory.is_dir()))


def read_bindings(directories: Iterable[Path], types: Collection[str]) -> tuple[Binding, ...]:
    """Return the bindings in *directories* whose type is one of *types*, whatever its case, sorted by name.

    Other bindings are not read, because other buildpacks and the application use them. ``SiteError``: a file cannot be
    read, or two bindings have the same name; the message never shows a value.
    """
    found: dict[str, Binding] = {}
    for directory in directories:
        for place in _visible(directory):
            binding = _read(place, types)
            if binding is None:
                continue
            other = found.setdefault(binding.name, binding)
            if other.place.resolve() != place.resolve():
                raise SiteError(
                    f"There are two service bindings {binding.name}.",
                    cause=f"One is {other.place}, the other {place}.",
                    remedy="Rename or remove one of them.",
                    reference="service-binding",
                )
    return tuple(found[name] for name in sorted(found))


def _unusable(file: Path, cause: str) -> SiteError:
    """Return the error of a *file* of a binding."""
    return SiteError(
        f"The service binding {file.parent.name} cannot be used.",
        cause=f"{file}: {cause}",
        remedy="Correct that entry of the binding, or remove the binding, then build again.",
        reference="service-binding",
    )


def _read(place: Path, types: Collection[str]) -> Binding | None:
    if not (place / "type").is_file():
        return None
    # The types of other bindings need not be text.
    type_ = _bytes(place / "type").decode(errors="replace").strip().lower()
    if type_ not in types:
        return None
    # A Secret that is mounted by Kubernetes has symlinks to the files in a directory.
    files = (file for file in _visible(place) if file.name != "type" and not file.is_dir())
    return Binding(place.name, type_, place, {file.name: _bytes(file) for file in files})


def _visible(directory: Path) -> list[Path]:
    """Return what is in *directory*, without what Kubernetes adds: ``..data``, ``..2026_11_30``."""
    try:
        names = sorted(os.listdir(directory))  # noqa: PTH208  # sorted by name
    except OSError as error:
        raise _unusable(directory, f"{error.strerror}.") from error
    return [directory / name for name in names if not name.startswith("..")]


def _bytes(file: Path) -> bytes:
    from layerwright.files.bounded import opened

    try:
        with opened(file) as open_file:
            data = open_file.read(_LARGEST + 1)
    except OSError as error:
        raise _unusable(file, f"{error.strerror}.") from error
    if len(data) > _LARGEST:
        raise _unusable(file, "It is larger than 1 MiB, the most that a Secret can hold.")
    return data
