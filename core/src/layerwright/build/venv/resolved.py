"""The resolved set of a virtual environment: recorded in it, compared, and changed to another one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from layerwright.build._decide import digest_input
from layerwright.build.installed.dist_info import differences, installed_in, names_in
from layerwright.contract.sameness import Change, Resolved
from layerwright.files.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.build.installed.dist_info import Installed

__all__ = ["change", "changed_since", "digest_of", "read_record", "write_record"]

_RECORD: Final = "resolved.json"


def change(before: Iterable[Resolved], wanted: Iterable[Resolved], installed: Iterable[Installed]) -> Change:
    """Return the change from *installed*, which should be *before*, to *wanted*.

    The installed distributions count, not the recorded ones: a distribution that is missing, or installed in another
    version or from another URL, is installed again. So is one whose archive has other hashes than before.
    """
    have = {d.name: d for d in installed}
    was, want = ({d.name: d for d in some} for some in (before, wanted))
    stale = {
        name
        for name, d in want.items()
        if name not in have
        or (have[name].version, have[name].url) != (d.version, d.url)
        or was.get(name) != d
    }
    return Change(
        install=tuple(want[name] for name in sorted(stale)),
        replace=tuple(sorted(stale & have.keys())),
        remove=tuple(sorted(have.keys() - want.keys())),
    )


def changed_since(layer: Path, site_packages: Path) -> str:
    """Return how *layer* differs from what its build verified, as text; empty if that is unknown."""
    recorded = read_record(layer)
    if recorded is None or names_in(site_packages) == {(d.name, d.version) for d in recorded}:
        return ""
    found = differences(installed_in(site_packages), recorded)
    return f"changed since the last build: {', '.join(found)}" if found else ""


def read_record(layer: Path) -> tuple[Resolved, ...] | None:
    """Return the set that is recorded in *layer*, ``None`` if there is no readable one."""
    import json

    try:
        entries = json.loads((layer / _RECORD).read_bytes())
        return tuple(Resolved(**{**entry, "hashes": tuple(entry["hashes"])}) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError):
        # With nothing to compare with, every distribution counts as changed and is installed again.
        return None


def write_record(layer: Path, resolved: Iterable[Resolved]) -> None:
    """Record *resolved* in *layer*."""
    # Replaced, not overwritten: the last build shares the file by a hard link.
    write_atomically(layer / _RECORD, _record(resolved))


def digest_of(resolved: Iterable[Resolved]) -> str:
    """Return the digest of *resolved*, whatever its order."""
    import hashlib

    return digest_input(hashlib.sha256(_record(resolved).encode()).hexdigest())


def _record(resolved: Iterable[Resolved]) -> str:
    import json

    entries = [asdict(d) for d in sorted(resolved, key=lambda d: d.name)]
    return json.dumps(entries, indent=1, sort_keys=True) + "\n"
