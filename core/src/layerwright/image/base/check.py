"""Checks that what a build has made can run on a base image."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.layers.names import PYTHON, VENV
from layerwright.build.notices.libraries import lacking
from layerwright.errors import UserError
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.image.base.modules import essential_rows, lacking_modules, modules_warning
from layerwright.pythons.elf import MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from layerwright.cnb.launch import Process
    from layerwright.image.base.contents import BaseContents
    from layerwright.image.parts import LaunchLayer, Parts

__all__ = ["check_base"]

_FORMAT: Final = 1
_VERSION: Final = re.compile(rb"\0GLIBC_(\d+)\.(\d+)(?=[.\0])")
_SHELLS: Final = frozenset({"sh", "/bin/sh", "/usr/bin/sh", "bash", "/bin/bash", "/usr/bin/bash"})
_LARGEST: Final = 256 << 20


class _Needed(NamedTuple):
    """The newest version of glibc that a file of a layer asks for, and that file."""

    version: tuple[int, ...] = ()
    file: str = ""


def check_base(name: str, contents: BaseContents, parts: Parts, records: Path) -> str:
    """Raise ``UserError`` if the base image *name* lacks something that *parts* need; return a warning, or nothing.

    What the layers need is kept in *records*, by the digests of their contents.
    """
    _check_shell(name, contents, parts.processes)
    if contents.musl and not contents.glibc:
        raise _unfit(
            name,
            "It has musl instead of glibc, for which Python and most wheels are built.",
            reference="base-musl",
        )
    if not contents.glibc:
        raise _unfit(name, "It has no C library (libc.so.6).", reference="base-glibc")
    needed = max((_needed(layer, records) for layer in parts.layers), default=_Needed())
    if needed.version > contents.glibc:
        raise _unfit(
            name,
            f"It has glibc {_words(contents.glibc)}, and {needed.file} needs {_words(needed.version)} or newer.",
            *(
                ['Or take an interpreter that runs on older systems: python.provider = "standalone".']
                if needed.file.startswith(f"{PYTHON}/")
                else ["Or build on an older system, if a distribution is compiled from source."]
            ),
            reference="base-glibc",
        )
    return _check_libraries(name, contents, parts)


def _check_shell(name: str, contents: BaseContents, processes: Iterable[Process]) -> None:
    for process in processes:
        if not contents.shell and process.command[0] in _SHELLS:
            raise _unfit(
                name,
                f"It has no shell (/bin/sh), and the process {process.type} is a shell script.",
                f"Or write the process {process.type} so that it needs no shell: a program with its arguments.",
                reference="base-shell",
            )


def _check_libraries(name: str, contents: BaseContents, parts: Parts) -> str:
    executables = sorted((parts.root / PYTHON / "bin").glob("python3.*[0-9]"))
    environments = sorted((parts.root / VENV).glob("lib/python3.*/site-packages"))
    of_layers = {file for layer in parts.layers for file in _names(layer.path / "lib")}

    def is_there(library: str) -> bool:
        return library in contents.libraries or library in of_layers

    rows = [
        row
        for executable, environment in zip(executables[:1], environments, strict=False)
        for row in lacking(environment, executable, is_there)
    ]
    modules = lacking_modules(parts.root / PYTHON, is_there)
    own = essential_rows(modules)
    if rows or own:
        raise _unfit(
            name,
            "\n".join(("It lacks shared libraries:", *own, *rows)),
            *(
                ['Or take an interpreter that brings its libraries: python.provider = "standalone".']
                if own
                else []
            ),
            "Or install the packages of the operating system that contain them in an image of your own on it.",
            reference="base-libraries",
        )
    return modules_warning(name, modules)


def _names(directory: Path) -> list[str]:
    return os.listdir(directory) if directory.is_dir() else []  # noqa: PTH208  # names


def _needed(layer: LaunchLayer, records: Path) -> _Needed:
    record = records / f"needs-{_FORMAT}-{layer.contents.partition(':')[2]}" if layer.contents else None
    known = None if record is None else read_checksummed(record)
    if known is not None:
        version, file = json.loads(known)
        return _Needed(tuple(version), file)
    found = max((_needed_by(path, layer) for path in _files(layer.path)), default=_Needed())
    if record is not None:
        records.mkdir(parents=True, exist_ok=True)
        write_checksummed(record, json.dumps(found).encode())
    return found


def _needed_by(path: Path, layer: LaunchLayer) -> _Needed:
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            return _Needed()
        versions = [(int(major), int(minor)) for major, minor in _VERSION.findall(file.read(_LARGEST))]
    return _Needed(max(versions), f"{layer.name}/{path.relative_to(layer.path)}") if versions else _Needed()


def _files(directory: Path) -> Iterator[Path]:
    for path in directory.rglob("*"):
        if path.is_file() and not path.is_symlink() and (".so" in path.name or path.parent.name == "bin"):
            yield path


def _words(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _unfit(name: str, cause: str, *more: str, reference: str) -> UserError:
    return UserError(
        f"The application cannot run on the base image {name}.",
        cause=cause,
        remedy=("Choose another base image, for example debian:13-slim.", *more),
        reference=reference,
    )
