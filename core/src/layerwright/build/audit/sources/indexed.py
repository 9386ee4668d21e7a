"""An index of a dump: the records about a distribution without a look at all others.

A dump of PyPI has tens of thousands of records. It is read once, into a small database of the user's cache directory.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.audit.advisory import compact, read_advisory
from layerwright.build.audit.sources.dump import records
from layerwright.build.audit.sources.stamped import index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from layerwright.build.audit.advisory import Advisory

__all__ = ["IndexedDump"]

_TABLES: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE record (number INTEGER PRIMARY KEY, document TEXT);
CREATE TABLE about (name TEXT, number INTEGER, PRIMARY KEY (name, number)) WITHOUT ROWID;
"""


class IndexedDump:
    """The dump at *path*, with its index in the directory *place*, or in memory if it cannot be written there.

    *key* identifies the dump among others, by default its path. *told* is called before the index is made.
    ``SiteError``: the dump cannot be read, or is damaged.
    """

    def __init__(
        self, path: Path, place: Path, told: Callable[[str], None], *, key: str = "", name: str = ""
    ) -> None:
        self._name: Final = name or str(path)
        self._path: Final = path
        self._file, prefix = index_of(path, place, key)
        self._memory: dict[str, list[str]] | None = None
        facts = _facts(self._file)
        if facts is None:
            told(f"Reading the vulnerability database {self._name}")
            try:
                facts = _write(path, self._file, prefix)
            except (OSError, sqlite3.Error):
                facts = self._remember()
        self.digest: Final = facts["digest"]
        self.modified: Final = facts["modified"]
        count = int(facts["count"])
        self.words: Final = f"{self._name}, {count:,} {'record' if count == 1 else 'records'}"

    def about(self, distributions: Iterable[tuple[str, str]]) -> Sequence[Advisory]:
        """Return the records about the names of *distributions*."""
        names = sorted({name for name, _ in distributions})
        if self._memory is None:
            try:
                return _selected(self._file, names)
            except sqlite3.Error:
                # Another process has indexed another dump at this path, and removed this index.
                self._remember()
        known = self._memory or {}
        found = dict.fromkeys(document for name in names for document in known.get(name, ()))
        return [read_advisory(json.loads(document)) for document in found]

    def _remember(self) -> dict[str, str]:
        memory: dict[str, list[str]] = {}

        def keep(_number: int, names: Iterable[str], document: str) -> None:
            for name in names:
                memory.setdefault(name, []).append(document)

        facts = _read(self._path, keep)
        self._memory = memory
        return facts


def _write(path: Path, file: Path, prefix: str) -> dict[str, str]:
    """Make the index as *file*, and remove those of earlier dumps of the same *prefix*."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{prefix}-", suffix=".part")
    os.close(descriptor)
    part = Path(name)
    try:
        with closing(sqlite3.connect(part)) as connection:
            # It is written again after a power cut, so there is nothing to wait for.
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(_TABLES)

            def keep(number: int, names: Iterable[str], document: str) -> None:
                connection.execute("INSERT INTO record VALUES (?, ?)", (number, document))
                connection.executemany("INSERT INTO about VALUES (?, ?)", [(name, number) for name in names])

            facts = _read(path, keep)
            connection.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())
            connection.commit()
        part.replace(file)
        # After the index, so that it is of one.
        file.with_suffix(".digest").write_text(facts["digest"])
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    for other in (each for end in ("index", "digest") for each in file.parent.glob(f"{prefix}-*.{end}")):
        if other.stem != file.stem:
            # Another process may have removed it.
            other.unlink(missing_ok=True)
    return facts


def _read(path: Path, keep: Callable[[int, Iterable[str], str], None]) -> dict[str, str]:
    """Call *keep* with each record of the dump: a number, the names in it, and itself; return facts about the dump."""
    count, modified, digest = 0, "", sha256()
    for number, (advisory, document) in enumerate(records(path)):
        modified = max(modified, advisory.modified)
        names = sorted({one.name for one in advisory.affected})
        if advisory.withdrawn or not names:
            continue
        count += 1
        kept = json.dumps(compact(document), sort_keys=True)
        digest.update(kept.encode())
        keep(number, names, kept)
    return {"count": str(count), "modified": modified, "digest": digest.hexdigest()}


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _facts(file: Path) -> dict[str, str] | None:
    """Return what the index *file* says of itself; ``None``: there is none, or it is damaged."""
    if not file.is_file():
        return None
    try:
        with closing(_opened(file)) as connection:
            # The time of its last use, for those who clean up.
            with suppress(OSError):
                os.utime(file)
            return dict(connection.execute("SELECT name, value FROM fact"))
    except sqlite3.Error:
        return None


def _selected(file: Path, names: Iterable[str]) -> Sequence[Advisory]:
    query = "SELECT number, document FROM record JOIN about USING (number) WHERE name = ?"
    found: dict[int, Any] = {}
    with closing(_opened(file)) as connection:
        for name in names:
            found.update(connection.execute(query, (name,)))
    return [read_advisory(json.loads(found[number])) for number in sorted(found)]
