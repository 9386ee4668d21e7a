"""The files of a layer that contain the path of its layers directory, written again for another one."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from layerwright.files.mentions import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PathsError", "Placed", "find_placed", "write_placed"]

# The kernel takes a longer first line for another interpreter; pip and others then write another form of script.
# https://github.com/pypa/distlib/blob/0.3.9/distlib/scripts.py
_LONGEST_FIRST_LINE = 127


class PathsError(Exception):
    """The layer cannot be used at another path; the message says why."""


class Placed(NamedTuple):
    """The paths in a layer that depend on its place, relative to it.

    ``texts`` contain the path; ``links`` are symbolic links to it; ``records`` are ``RECORD`` files with the hash of
    one of ``texts``.
    """

    texts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


def find_placed(layer: Path, root: Path) -> Placed:
    """Return what in *layer* depends on the layers directory *root*.

    ``PathsError``: a file that is not text contains its path.
    """
    pattern, plain = mentions([os.fspath(root)]), os.fsencode(root)
    texts, links, records = [], [], []
    for path in _files(layer):
        name = os.path.relpath(path, layer)
        if path.is_symlink():
            if pattern.search(os.fsencode(path.readlink())):
                links.append(name)
            continue
        content = path.read_bytes()
        # Looking for plain bytes first is much faster.
        if plain in content and pattern.search(content):
            if b"\0" in content:
                raise PathsError(f"{name} contains the path {root}")
            texts.append(name)
        if path.name == "RECORD" and path.parent.name.endswith(".dist-info"):
            records.append(name)
    described = {name for name in records if not set(texts).isdisjoint(_described(layer, name))}
    return Placed(tuple(sorted(texts)), tuple(sorted(links)), tuple(sorted(described)))


def write_placed(placed: Placed, source: Path, layer: Path, *, before: Path, now: Path) -> None:
    """Write into *layer* what *placed* names in *source*, with the layers directory *now* instead of *before*.

    ``PathsError``: a script would not work at the new path.
    """
    pattern, new = mentions([os.fspath(before)]), os.fsencode(now)
    written: dict[str, bytes] = {}
    for name in placed.texts:
        old = (source / name).read_bytes()
        written[name] = pattern.sub(lambda _match: new, old)
        if old.startswith(b"#!") and _form(old, before) != _form(written[name], now):
            raise PathsError(f"{name} would need another first line at {now}")
    for name in placed.records:
        written[name] = _recorded(layer, name, (source / name).read_bytes(), written)
    for name, content in written.items():
        target = layer / name
        target.unlink(missing_ok=True)
        target.write_bytes(content)
        shutil.copystat(source / name, target)
    for name in placed.links:
        target = layer / name
        link = os.fsencode((source / name).readlink())
        target.unlink(missing_ok=True)
        target.symlink_to(os.fsdecode(pattern.sub(lambda _match: new, link)))


def _files(layer: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(layer):
        for name in (*files, *folders):
            path = Path(folder, name)
            if path.is_symlink() or name in files:
                yield path


def _form(content: bytes, root: Path) -> tuple[bool, bool]:
    """Return what decides the form of a script's first line, if its interpreter is below *root*."""
    return len(content.partition(b"\n")[0]) <= _LONGEST_FIRST_LINE, " " in str(root)


def _described(layer: Path, record: str) -> list[str]:
    """Return the paths in *layer* that the file *record* describes."""
    try:
        return [_path(layer, record, row) for row in csv.reader(_lines((layer / record).read_bytes()))]
    except (ValueError, csv.Error) as error:
        raise PathsError(f"{record} cannot be read: {error}") from error


def _path(layer: Path, record: str, row: list[str]) -> str:
    return os.path.relpath(layer / Path(record).parents[1] / (row[0] if row else ""), layer)


def _lines(content: bytes) -> io.StringIO:
    return io.StringIO(content.decode(), newline="")


def _recorded(layer: Path, record: str, old: bytes, written: Mapping[str, bytes]) -> bytes:
    """Return the content of *record*, whose content was *old*, with the hashes and sizes of *written*."""
    lines = []
    for line in _lines(old):
        row = next(csv.reader([line]), [])
        content = written.get(_path(layer, record, row))
        if content is None:
            lines.append(line)
            continue
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        ending = line[len(line.rstrip("\r\n")) :]
        out = io.StringIO()
        csv.writer(out, lineterminator=ending).writerow([row[0], f"sha256={digest}", str(len(content))])
        lines.append(out.getvalue())
    return "".join(lines).encode()
