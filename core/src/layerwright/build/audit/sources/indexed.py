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
    """The dump at *path*, with its index in the directory *place*, or in memory if nothing can be written there.

    *key* identifies the dump among others, by default its path. *told* is called before the index is made.
    ``SiteError``: the dump cannot be read, or is damaged.
    """

    def __init__(
        self, path: Path, place: Path, told: Callable[[str], None], *, key: str = "", name: str = ""
    ) -> None:
        self._name: Final = name or str(path)
        file, prefix = index_of(path, place, key)
        facts = _facts(file)
        self._connection: sqlite3.Connection | None = None
        if facts is None:
            told(f"Reading the vulnerability database {self._name}")
            facts = self._write(path, file, prefix)
        self._file: Final = file
        self.digest: Final = facts["digest"]
        self.modified: Final = facts["modified"]
        count = int(facts["count"])
        self.words: Final = f"{self._name}, {count:,} {'record' if count == 1 else 'records'}"

    def about(self, distributions: Iterable[tuple[str, str]]) -> Sequence[Advisory]:
        """Return the records about the names of *distributions*."""
        if self._connection is not None:
            return _selected(self._connection, distributions)
        with closing(_opened(self._file)) as connection:
            return _selected(connection, distributions)

    def _write(self, path: Path, file: Path, prefix: str) -> dict[str, str]:
        """Make the index as *file*, and remove those of earlier dumps of the same *prefix*."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{prefix}-", suffix=".part")
            os.close(descriptor)
        except OSError:
            self._connection = sqlite3.connect(":memory:")
            return _filled(self._connection, path)
        part = Path(name)
        try:
            with closing(sqlite3.connect(part)) as connection:
                facts = _filled(connection, path)
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


def _filled(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    # It is written anew after a power cut, so there is nothing to wait for.
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(_TABLES)
    count, modified, digest = 0, "", sha256()
    for number, (advisory, document) in enumerate(records(path)):
        modified = max(modified, advisory.modified)
        names = {one.name for one in advisory.affected}
        if advisory.withdrawn or not names:
            continue
        count += 1
        kept = json.dumps(compact(document), sort_keys=True)
        digest.update(kept.encode())
        connection.execute("INSERT INTO record VALUES (?, ?)", (number, kept))
        connection.executemany("INSERT INTO about VALUES (?, ?)", [(name, number) for name in sorted(names)])
    facts = {"count": str(count), "modified": modified, "digest": digest.hexdigest()}
    connection.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())
    connection.commit()
    return facts


def _selected(connection: sqlite3.Connection, distributions: Iterable[tuple[str, str]]) -> Sequence[Advisory]:
    found: dict[int, Any] = {}
    for name in sorted({name for name, _ in distributions}):
        query = "SELECT number, document FROM record JOIN about USING (number) WHERE name = ?"
        found.update(connection.execute(query, (name,)))
    return [read_advisory(json.loads(found[number])) for number in sorted(found)]
