"""Reads the entries of a lock file. TOML is split by lines, because parsing it takes as long as a whole build."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from layerwright.contract.locked import LockEntry, locked_requirements
from layerwright.plugins.declarative._lock_json import locked_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from layerwright.files.project import Project
    from layerwright.plugins.declarative._model import LockTable

__all__ = ["entry_of", "has_distributions", "locked", "value_at"]

_PATH: Final = "path"
# Keys about other distributions, which do not pin the entry itself.
_OF_OTHERS: Final = re.compile(r"(.*-)?dependencies|metadata")
_OTHERS_TABLE: Final = r"^\[.*\b(?:dependencies|metadata)\b|^metadata\b"
_NEEDS_PARSING: Final = re.compile(rf"""\b{_PATH}["']?\s*=|{_OTHERS_TABLE}""", re.MULTILINE)
_DEPENDENCIES: Final = re.compile(
    r"""^"?[\w-]*dependencies"?\s*=\s*\[(?:[^\n]*\]$|.*?^\])""", re.MULTILINE | re.DOTALL
)


def locked(project: Project, lock: LockTable) -> tuple[LockEntry, ...]:
    """Return the entries of the lock file that *lock* describes; none if only the file as a whole counts.

    ``UserError``: the file has to be parsed and is not valid TOML, or not valid JSON.
    """
    if lock.form is None:
        return ()
    if lock.form == "requirements":
        return locked_requirements(project.text(lock.file))
    return locked_json(project, lock.file) if lock.form == "json" else _locked_toml(project, lock)


def _locked_toml(project: Project, lock: LockTable) -> tuple[LockEntry, ...]:
    text, name = project.text(lock.file), lock.packages or ""
    entries = [found[0] for found in _entries(name).finditer(text)]
    if entries and len(entries) == len(_any_header(name).findall(text)):
        with suppress(ValueError, RecursionError):
            return tuple(_by_lines(entry, lock) for entry in entries)
    # No tool writes it like this.
    found = value_at(project.toml(lock.file), name)
    tables = found if isinstance(found, list) else []
    return tuple(entry_of(table, lock) for table in tables)


def entry_of(table: Any, lock: LockTable) -> LockEntry:
    """Return the entry that *table* of a lock file in TOML says; without a name if it is not a table."""
    own = table if isinstance(table, dict) else {}
    name, version = ([own[key]] if isinstance(own.get(key), str) else [] for key in ("name", "version"))
    pins = [pin for key in lock.pins for pin in _values(key, own)]
    return _entry(name, version, pins, _values(_PATH, own))


def has_distributions(tree: Mapping[str, Any], lock: LockTable) -> bool:
    """Return whether any table of *tree* looks like an entry: it names or pins a distribution."""
    keys = ("name", "version", *lock.pins)
    return any(True for value in tree.values() for key in keys for _ in _values(key, value))


def value_at(tree: Mapping[str, Any], key: str) -> Any:
    """Return the value of *tree* at the dotted *key*, ``None`` if there is none."""
    value: Any = tree
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _entries(name: str) -> re.Pattern[str]:
    """Return a pattern for an entry of the array of tables *name*, with its subtables."""
    table = re.escape(name)
    return re.compile(rf"^\[\[{table}\]\][^\n]*\n(?:(?!\[(?!\[?{table}\.))[^\n]+\n?|\n)*", re.MULTILINE)


def _any_header(name: str) -> re.Pattern[str]:
    """Return a pattern for the header of an entry in any notation."""
    table = r"\s*\.\s*".join(rf"""["']?{re.escape(part)}["']?""" for part in name.split("."))
    return re.compile(rf"^[ \t]*\[\[[ \t]*{table}[ \t]*\]\]", re.MULTILINE)


def _by_lines(text: str, lock: LockTable) -> LockEntry:
    """Return the entry *text*, which is parsed only if its lines alone do not show what pins it."""
    pins = _strings(lock.pins, _DEPENDENCIES.sub("", text))
    if not pins or (
        any(part in text for part in (_PATH, "\n[", "\nmetadata")) and _NEEDS_PARSING.search(text)
    ):
        import tomllib

        [table] = value_at(tomllib.loads(text), lock.packages or "")
        return entry_of(table, lock)
    # Lines after a header belong to a subtable of the entry: its source, its markers.
    head = text.partition("]]")[2].partition("\n[")[0]
    return _entry(_strings(["name"], head), _strings(["version"], head), pins, ())


def _entry(name: list[str], version: list[str], pins: Iterable[str], paths: Iterable[str]) -> LockEntry:
    key = f"{name[0]}=={''.join(version[:1])}" if name and name[0] else ""
    return LockEntry(key=key, pins=tuple(sorted(pins)), paths=tuple(sorted(set(paths))))


def _values(key: str, value: Any) -> Iterator[str]:
    """Yield the strings at *key* in *value*, at any depth, except in data about other distributions."""
    # Not by recursion: dotted keys may be nested deeper than Python follows.
    inside = [value]
    while inside:
        each = inside.pop()
        if isinstance(each, dict):
            if isinstance(each.get(key), str) and each[key]:
                yield each[key]
            inside += [inner for name, inner in each.items() if not _OF_OTHERS.fullmatch(name)]
        elif isinstance(each, list):
            inside += each


def _strings(keys: Iterable[str], text: str) -> list[str]:
    pattern = r"""(?:^|[{{,\s])"?{}"?\s*=\s*"([^"\n]+)\""""
    return [value for key in keys for value in re.findall(pattern.format(re.escape(key)), text)]
