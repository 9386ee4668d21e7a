"""Which archives a virtual environment was installed from, as requirements that select them again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from layerwright.build.installed.dist_info import installed_in
from layerwright.build.venv.locked import archives_of
from layerwright.build.venv.resolved import read_record
from layerwright.contract.locked import HASH
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked

if TYPE_CHECKING:
    from layerwright.build._specify import Described

__all__ = ["Sources", "sources_of"]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where distributions came from: ``hashed`` and ``loose`` requirements, local ``directories``, ``remote`` URLs."""

    hashed: tuple[str, ...]
    loose: tuple[str, ...]
    directories: tuple[Path, ...]
    remote: tuple[str, ...]


def sources_of(described: Described, label: str) -> Sources:
    """Return the sources of the distributions in the complete virtual environment.

    *label* is that of the plugin that provides the package manager.
    """
    venv = described.asked.venv
    hashes: dict[str, set[str]] = {}
    sameness = described.install.sameness
    for one in read_record(venv) or ():
        hashes.setdefault(f"{one.name}=={one.version}", set()).update(one.hashes)
    if not hashes and isinstance(sameness, Locked):
        for archive in archives_of(sameness, label):
            key = f"{normalised_name(archive.name)}=={archive.version}"
            hashes.setdefault(key, set()).update(archive.hashes)
    hashed, loose, directories, remote = list[str](), list[str](), list[Path](), list[str]()
    for found in installed_in(described.interpreter.site_packages(venv)):
        key = f"{found.name}=={found.version}"
        if found.url.startswith("file:"):
            path = Path(unquote(urlsplit(found.url).path))
            directories += [path] if path.is_dir() else []
        elif found.url:
            remote.append(found.name)
        elif known := sorted(filter(HASH.fullmatch, hashes.get(key, ()))):
            hashed.append(" ".join((key, *(f"--hash={one}" for one in known))))
        else:
            loose.append(key)
    return Sources(
        hashed=tuple(hashed), loose=tuple(loose), directories=tuple(directories), remote=tuple(remote)
    )
