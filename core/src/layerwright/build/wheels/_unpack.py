"""Puts the files of a wheel where pip installs them, with the same metadata.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

# Thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH101, PTH103, PTH116, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import shutil
from email.parser import HeaderParser
from typing import TYPE_CHECKING, Final

from layerwright.build.wheels._scripts import entry_point_scripts, script_text
from layerwright.build.wheels.wheel import UnusableWheelError, info_directory
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.wheels.wheel import Wheel

__all__ = ["Scheme", "extract", "unpack"]

_CHUNK: Final = 1 << 20
_PLACEHOLDER: Final = b"#!python"


@frozen
class Scheme:
    """Where files are installed: the prefix *base*, site-packages and scripts; *python* runs the scripts."""

    base: Path
    site: Path
    scripts: Path
    python: Path
    minor: str


def unpack(wheel: Wheel, scheme: Scheme) -> None:
    """Install *wheel* into the directories of *scheme* without bytecode.

    ``UnusableWheelError``: only a package manager can install it; some files may be there. ``OSError``: they cannot be
    written.
    """
    info = info_directory(wheel)
    _refuse_version(wheel, info)
    generated = _EntryPoints(wheel, info, scheme.minor)
    places: dict[str, str] = {}
    changed: list[str] = []
    for name in wheel.names:
        target, is_script = _place(name, info, scheme)
        if is_script and generated.replace(os.path.basename(target)):
            continue
        _copy(wheel, name, target)
        if is_script and _fix_first_line(target, scheme.python):
            changed.append(target)
        places[name] = target
    own = generated.write(scheme)
    site = os.fspath(scheme.site)
    for name, content in (("INSTALLER", b"pip\n"), ("REQUESTED", b"")):
        own.append(_written(os.path.join(site, info, name), content))
    _write_record(wheel, info, site, places, changed=changed, own=own)


def extract(wheel: Wheel, directory: Path) -> None:
    """Put the scripts in *wheel*, and nothing else of it, into *directory*.

    ``UnusableWheelError``: it is not valid. ``OSError``: they cannot be written.
    """
    info = info_directory(wheel)
    _refuse_version(wheel, info)
    root = f"{info.removesuffix('.dist-info')}.data/scripts/"
    for name in wheel.names:
        if name.startswith(root) and "/" not in name.removeprefix(root):
            _copy(wheel, name, os.path.join(directory, name.removeprefix(root)))


class _EntryPoints:
    """The scripts of the entry points of *wheel*, which replace files of the same name in it."""

    def __init__(self, wheel: Wheel, info: str, minor: str) -> None:
        name = f"{info}/entry_points.txt"
        text = _text(wheel, name) if name in wheel.names else ""
        self._scripts: Final = entry_point_scripts(text, minor)

    def replace(self, name: str) -> bool:
        """Return whether the file *name* would be such a script, as old versions of setuptools packed it."""
        return name.removesuffix("-script.py").removesuffix(".exe") in self._scripts

    def write(self, scheme: Scheme) -> list[str]:
        """Write them; return their paths."""
        written = []
        for name, place in self._scripts.items():
            path = _written(os.path.join(scheme.scripts, name), script_text(place, str(scheme.python)))
            # As pip does, whatever the umask.
            os.chmod(path, os.stat(path).st_mode & 0o7777 | 0o555)  # noqa: S103
            written.append(path)
        return written


def _refuse_version(wheel: Wheel, info: str) -> None:
    fields = HeaderParser().parsestr(_text(wheel, f"{info}/WHEEL"))
    if fields.get("Wheel-Version", "").partition(".")[0] != "1":
        raise UnusableWheelError(f"its Wheel-Version is {fields.get('Wheel-Version')}")


def _place(name: str, info: str, scheme: Scheme) -> tuple[str, bool]:
    """Return the path of the file *name* of a wheel, and whether it is a script."""
    first, _, rest = name.partition("/")
    if ".." in name.split("/") or name.startswith("/"):
        raise UnusableWheelError(f"it has a file {name}")
    if not first.endswith(".data"):
        return os.path.join(scheme.site, name), False
    if first.removesuffix(".data") != info.removesuffix(".dist-info"):
        raise UnusableWheelError(f"it has a directory {first}")
    key, _, rest = rest.partition("/")
    roots = {"data": scheme.base, "platlib": scheme.site, "purelib": scheme.site, "scripts": scheme.scripts}
    if key not in roots or not rest:
        raise UnusableWheelError(f"it has a file {name}")
    return os.path.join(roots[key], rest), key == "scripts"


def _copy(wheel: Wheel, name: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with wheel.open(name) as source, open(target, "wb") as file:
        shutil.copyfileobj(source, file, _CHUNK)
    if wheel.is_executable(name):
        # Users who may read it may run it, so that the umask is respected.
        mode = os.stat(target).st_mode & 0o7777
        os.chmod(target, mode | (mode & 0o444) >> 2)


def _fix_first_line(path: str, python: Path) -> bool:
    """Make the script at *path* start *python*, if it leaves that to its installer; return whether it does."""
    with open(path, "rb") as file:
        line = file.readline(len(_PLACEHOLDER) + 1)
        if not line.startswith(_PLACEHOLDER):
            return False
        file.seek(0)
        content = file.read()
    rest = content.partition(b"\n")[2]
    _written(path, f"#!{python}\n".encode() + rest)
    return True


def _write_record(
    wheel: Wheel, info: str, site: str, places: dict[str, str], *, changed: list[str], own: list[str]
) -> None:
    record = f"{info}/RECORD"
    rows = []
    unlisted = dict(places)
    for row in csv.reader(_text(wheel, record).splitlines()):
        if not row:
            continue
        target = unlisted.pop(row[0], None)
        path = row[0] if target is None else os.path.relpath(target, site)
        if target is not None and target in changed:
            rows.append(_row(path, target))
        else:
            digest, size = (*row[1:3], "", "")[:2]
            rows.append((path, digest, size))
    rows += [(os.path.relpath(path, site), "", "") for path in unlisted.values()]
    rows += [_row(os.path.relpath(path, site), path) for path in own]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(sorted(rows))
    _written(os.path.join(site, record), text.getvalue().encode())


def _row(path: str, target: str) -> tuple[str, str, str]:
    with open(target, "rb") as file:
        content = file.read()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return path, f"sha256={digest}", str(len(content))


def _text(wheel: Wheel, name: str) -> str:
    if name not in wheel.names:
        raise UnusableWheelError(f"it has no {name}")
    with wheel.open(name) as file:
        return file.read().decode()


def _written(path: str, content: bytes) -> str:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path
