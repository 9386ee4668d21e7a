"""The directories in which the dynamic loader of this machine looks for shared libraries.

Those of glibc are in ``ld.so.conf``, in the format of ``ldconfig(8)``; those of musl are in a file per architecture:
https://musl.libc.org/doc/1.1.24/manual.html
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["loader_directories"]

# Those with the names of architectures are compiled into the loaders of Debian and its derivatives.
_DEFAULT: Final = ("lib", "usr/lib", "lib64", "usr/lib64", "lib/*-linux-*", "usr/lib/*-linux-*")
_CONFIGURATION: Final = "etc/ld.so.conf"
_MUSL: Final = "lib/ld-musl-*.so.1"
_DEEPEST: Final = 8


def loader_directories(root: Path = Path("/")) -> tuple[Path, ...]:
    """Return the directories of the machine whose file system is at *root*.

    They may include those of other architectures. glibc's cache of libraries is not read: it has no other directories.
    """
    found = [path for pattern in _DEFAULT for path in sorted(root.glob(pattern))]
    found += [root / name.lstrip("/") for name in _configured(root, root / _CONFIGURATION, _DEEPEST)]
    if next(root.glob(_MUSL), None):
        found.append(root / "usr/local/lib")
        files = sorted(root.glob("etc/ld-musl-*.path"))
        found += [
            root / name.lstrip("/")
            for file in files
            for name in _text(file).replace(":", "\n").split("\n")
            if name
        ]
    return tuple(dict.fromkeys(path for path in found if path.is_dir()))


def _configured(root: Path, file: Path, levels: int) -> Iterator[str]:
    for line in _text(file).splitlines():
        words = line.partition("#")[0].split()
        match words:
            case ["include", *patterns]:
                for pattern in patterns if levels else ():
                    place = root / pattern.lstrip("/") if pattern.startswith("/") else file.parent / pattern
                    for path in sorted(root.glob(os.path.relpath(place, root))):
                        yield from _configured(root, path, levels - 1)
            case [directory] if directory.startswith("/"):
                yield directory


def _text(file: Path) -> str:
    try:
        return bounded.read(file).decode(errors="surrogateescape")
    except OSError:
        return ""
