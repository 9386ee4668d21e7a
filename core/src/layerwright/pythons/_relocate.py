"""Relocates an interpreter's prefix, so that nothing in it refers to the old place.

CPython finds its standard library from the path of its executable; the rest are search paths in ELF files, and text
files with flags for compiling and linking.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError
from layerwright.files.mentions import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["binaries", "recorded_prefix", "relocate"]

_MAKEFILE: Final = "lib/python3.*/config-*/Makefile"
_CONFIGURATION: Final = (
    "bin/python*-config",
    "lib/pkgconfig/*.pc",
    "lib/python3.*/_sysconfig_vars*.json",  # PEP 739's predecessor, from 3.14
    "lib/python3.*/build-details.json",  # PEP 739
    _MAKEFILE,
)
_BUILD_VARIABLES: Final = "lib/python3.*/_sysconfigdata*.py"
# A module with the prefix in it would need other bytecode in every place.
_PREFIX: Final = b"{base_prefix}"
_COMPUTED: Final = b"""
# The interpreter may be anywhere: its prefix is inserted when it is known.
import sys as _sys

build_time_vars = {
    name: value.replace("{base_prefix}", _sys.base_prefix) if isinstance(value, str) else value
    for name, value in build_time_vars.items()
}
"""
# Compilers write their working directory into debug information, and each build from source has another one: its
# result would not be the same bytes twice.
_DEBUG_FLAG: Final = re.compile(rb"(?<![^\s'\"=])-g[0-3]?(?:[ \t]+|(?=['\"\n]))")
_SHARED_OBJECT: Final = re.compile(r".*\.so(\.[^/]*)?")


def relocate(root: Path, old: Sequence[str]) -> Sequence[Path]:
    """Relocate the prefix in *root*, which was made for the prefixes *old*; return the files that say how to build.

    These are the variables of the build, and the text files that were changed. Its compiler flags no longer produce
    debug information. ``SiteError``: an ELF file cannot be changed.
    """
    for path in binaries(root):
        _relocate_binary(path, root, old)
    pattern = mentions(old)
    texts = {path: os.fsencode(root) for glob in _CONFIGURATION for path in root.glob(glob)}
    modules = dict.fromkeys(root.glob(_BUILD_VARIABLES), _PREFIX)
    changed = []
    for path, new in sorted({**texts, **modules}.items()):
        if path.is_symlink():
            continue
        before = path.read_bytes()
        after = _DEBUG_FLAG.sub(b"", _replaced(pattern, new, before))
        if path in modules and _PREFIX in after and not after.endswith(_COMPUTED):
            after += _COMPUTED
        if after != before:
            path.write_bytes(after)
        if after != before or path in modules:
            changed.append(path)
    return changed


def _replaced(pattern: re.Pattern[bytes], new: bytes, content: bytes) -> bytes:
    return pattern.sub(lambda _match: new, content)


def recorded_prefix(root: Path) -> str:
    """Return the prefix for which the interpreter in *root* was configured when it was built."""
    # The first does not name it in a prefix that was relocated before.
    for glob, pattern in ((_BUILD_VARIABLES, r"'prefix': '(/[^']*)'"), (_MAKEFILE, r"(?m)^prefix=\s*(/\S+)")):
        for path in root.glob(glob):
            if match := re.search(pattern, path.read_text(encoding="utf-8")):
                return match[1]
    raise SiteError(
        "The interpreter does not record how it was built.",
        cause=f"{root}/lib/python3.*/_sysconfigdata*.py is missing, or names no prefix.",
        remedy="Use another interpreter, or another provider.",
        reference="python-not-relocatable",
    )


def binaries(root: Path) -> Iterator[Path]:
    """Yield the executables and shared libraries of the prefix in *root*."""
    for path in sorted((root / "bin").glob("python3.*")):
        if not path.name.endswith("-config"):
            yield path
    for folder, folders, files in os.walk(root / "lib"):
        folders.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if _SHARED_OBJECT.fullmatch(name) and not path.is_symlink():
                yield path


def _relocate_binary(path: Path, root: Path, old: Sequence[str]) -> None:
    from layerwright.pythons.elf import ElfError, read_dynamic, write_search_path

    try:
        for search_path in read_dynamic(path).search_paths:
            entries = (_relative(entry, path, root, old) for entry in search_path.value.split(":"))
            value = ":".join(dict.fromkeys(entries))
            if value != search_path.value:
                write_search_path(path, search_path, value)
    except ElfError as error:
        raise SiteError(
            "The interpreter cannot be relocated.",
            cause=f"{path}: {error}.",
            remedy="Use another interpreter, or the standalone provider.",
            reference="python-not-relocatable",
        ) from error


def _relative(entry: str, path: Path, root: Path, old: Sequence[str]) -> str:
    for prefix in old:
        if Path(entry).is_relative_to(prefix):
            library = root / Path(entry).relative_to(prefix)
            return f"$ORIGIN/{os.path.relpath(library, path.parent)}".removesuffix("/.")
    return entry
