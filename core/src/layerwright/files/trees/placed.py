"""The files of a layer that contain paths, as they are with the layer, or the sources, at other paths."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import shlex
import shutil
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.mentions import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Moves", "PathsError", "Placed", "Rewritten", "find_placed", "rewritten", "write_placed"]

# The kernel takes a longer first line for another interpreter; pip and others then write another form of script.
# https://github.com/pypa/distlib/blob/0.3.9/distlib/scripts.py
_LONGEST_FIRST_LINE: Final = 127
_OTHER_FORM: Final = re.compile(
    rb"""#!/bin/sh\n'''exec' (?P<quote>['"]?)(?P<path>/[^'"\n]+)(?P=quote) "\$0" "\$@"\n' '''\n"""
)
# Files in which an installation records where its source is; the same text elsewhere may mean anything.
_OF_SOURCES: Final = ("*.pth", "*.egg-link", "__editable__*.py", "direct_url.json")

# Here venv quotes the path where a shell needs that, and only there.
_OF_SHELLS: Final = frozenset({"bin/activate", "bin/activate.csh"})


class PathsError(Exception):
    """The layer cannot be used at another path; the message says why."""


class Moves(NamedTuple):
    """Old paths with the new ones: of layers directories, and of sources that are installed as editable."""

    layers: Mapping[str, str]
    sources: Mapping[str, str] = {}


class Placed(NamedTuple):
    """The paths in a layer that depend on its place, relative to it.

    ``texts`` contain the path; ``links`` are symbolic links to it; ``records`` are ``RECORD`` files with the hash of
    one of ``texts``.
    """

    texts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


class Rewritten(NamedTuple):
    """The contents of files and the targets of links at the new paths, by their names in the layer."""

    contents: Mapping[str, bytes]
    links: Mapping[str, bytes]


def find_placed(layer: Path, moves: Moves) -> Placed:
    """Return what in *layer* contains an old path of *moves*.

    ``PathsError``: a file that is not text contains one.
    """
    changes = _Changes(moves)
    texts, links, records = [], [], []
    for path in _files(layer):
        name = os.path.relpath(path, layer)
        if path.is_symlink():
            if changes.mentioned(name, os.fsencode(path.readlink())):
                links.append(name)
            continue
        content = path.read_bytes()
        if changes.mentioned(name, content):
            if b"\0" in content:
                raise PathsError(f"{name} contains the path {' or '.join(moves.layers)}")
            texts.append(name)
        if path.name == "RECORD" and path.parent.name.endswith(".dist-info"):
            records.append(name)
    described = {name for name in records if not set(texts).isdisjoint(_described(layer, name))}
    return Placed(tuple(sorted(texts)), tuple(sorted(links)), tuple(sorted(described)))


def rewritten(placed: Placed, source: Path, moves: Moves) -> Rewritten:
    """Return what *placed* names in *source*, with the new paths of *moves*.

    ``PathsError``: a script would not work at the new path.
    """
    changes = _Changes(moves)
    contents = {name: changes.text(name, (source / name).read_bytes()) for name in placed.texts}
    for name in placed.records:
        contents[name] = _recorded(source, name, (source / name).read_bytes(), contents)
    links = {name: changes.replaced(name, os.fsencode((source / name).readlink())) for name in placed.links}
    return Rewritten(contents, links)


def write_placed(placed: Placed, source: Path, layer: Path, *, before: Path, now: Path) -> None:
    """Write into *layer* what *placed* names in *source*, with the layers directory *now* instead of *before*.

    ``PathsError``: a script would not work at the new path.
    """
    new = rewritten(placed, source, Moves({os.fspath(before): os.fspath(now)}))
    for name, content in new.contents.items():
        target = layer / name
        target.unlink(missing_ok=True)
        target.write_bytes(content)
        shutil.copystat(source / name, target)
    for name, link in new.links.items():
        target = layer / name
        target.unlink(missing_ok=True)
        target.symlink_to(os.fsdecode(link))


class _Changes:
    """Replaces the old paths of *moves* in bytes."""

    def __init__(self, moves: Moves) -> None:
        everything = {**moves.sources, **moves.layers}
        self._new = {os.fsencode(old): os.fsencode(new) for old, new in everything.items()}
        self._everywhere = mentions([*moves.layers])
        self._in_sources = mentions([*everything])
        # Looking for plain bytes first is much faster.
        self._plain = [os.fsencode(old) for old in moves.layers]
        self._quoted = [_quoted(old) for old in moves.layers if shlex.quote(old) != old]
        self._to_quote = [_to_quote(new) for new in moves.layers.values() if shlex.quote(new) != new]

    def mentioned(self, name: str, content: bytes) -> bool:
        if name in _OF_SHELLS:
            content = self._without_quotes(content)
        if _is_of_sources(name):
            return self._in_sources.search(content) is not None
        return any(map(content.__contains__, self._plain)) and self._everywhere.search(content) is not None

    def replaced(self, name: str, content: bytes) -> bytes:
        pattern = self._in_sources if _is_of_sources(name) else self._everywhere
        return pattern.sub(lambda match: self._new[match[0]], content)

    def _without_quotes(self, content: bytes) -> bytes:
        for pattern in self._quoted:
            content = pattern.sub(lambda match: os.fsencode(shlex.split(os.fsdecode(match[0]))[0]), content)
        return content

    def _with_quotes(self, content: bytes) -> bytes:
        for pattern in self._to_quote:
            content = pattern.sub(lambda match: os.fsencode(shlex.quote(os.fsdecode(match[0]))), content)
        return content

    def text(self, name: str, old: bytes) -> bytes:
        if name in _OF_SHELLS:
            return self._with_quotes(self.replaced(name, self._without_quotes(old)))
        new = self.replaced(name, old)
        if not old.startswith(b"#!"):
            return new
        before, now = _OTHER_FORM.match(old), _OTHER_FORM.match(new)
        if before and now and _needs_shell(b"#!" + before["path"]) and not _needs_shell(b"#!" + now["path"]):
            return b"#!%s\n%s" % (now["path"], new[now.end() :])
        first, was = new.partition(b"\n")[0], old.partition(b"\n")[0]
        if first != was and _needs_shell(first) and not _needs_shell(was):
            raise PathsError(f"{name} would need another first line: {os.fsdecode(first)}")
        return new


def _needs_shell(first_line: bytes) -> bool:
    """Return whether the kernel cannot start a script with this *first_line*."""
    return len(first_line) > _LONGEST_FIRST_LINE or b" " in first_line


def _quoted(path: str) -> re.Pattern[bytes]:
    """Return the pattern of *path*, or one below it, in the quotes that a shell needs."""
    inner = shlex.quote(path)[1:-1]
    return re.compile(rb"(?<=[= ])'(%s(?:/[^'\n]*)?)'" % re.escape(os.fsencode(inner)))


def _to_quote(path: str) -> re.Pattern[bytes]:
    """Return the pattern of *path*, or one below it, in a place where a shell needs it in quotes."""
    return re.compile(rb"(?<=[= ])%s(?:/[^'\n)]*)?(?=[\n)])" % re.escape(os.fsencode(path)))


def _is_of_sources(name: str) -> bool:
    file = name.rpartition("/")[2]
    return any(fnmatchcase(file, pattern) for pattern in _OF_SOURCES)


def _files(layer: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(layer):
        for name in (*files, *folders):
            path = Path(folder, name)
            if path.is_symlink() or name in files:
                yield path


def _described(layer: Path, record: str) -> list[str]:
    """Return the paths in *layer* that the file *record* describes."""
    try:
        return [_path(layer, record, row) for row in csv.reader(_lines((layer / record).read_bytes()))]
    except (ValueError, csv.Error) as error:
        raise PathsError(f"{record} cannot be read: {error}") from error


def _path(layer: Path, record: str, row: list[str]) -> str:
    name = row[0] if row else ""
    if name.startswith("/"):
        return os.path.relpath(name, layer)
    # Hundreds of lines in a layer: a relative path of them all would take half of the time of linking it.
    place = record.rpartition("/")[0].rpartition("/")[0]
    return os.path.normpath(f"{place or '.'}/{name}")


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
