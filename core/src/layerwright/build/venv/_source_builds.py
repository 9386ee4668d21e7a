"""Makes setuptools build a local directory without leaving files in it or using those of an earlier build.

Package managers build a directory in place. setuptools leaves ``build`` and ``NAME.egg-info`` there, and adds
everything in ``build`` to the next wheel: a removed module comes back. So it is told to build in a directory of
another name, which nothing else uses and which can be removed. Backends that build in a temporary directory, as most
do, leave nothing.

Cargo, which builds Rust code, is told the same: its files are large.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from layerwright.files.digests import BUILD_DIRECTORY
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["kept_clean"]

# setuptools 63 (August 2022) and newer read the file that it names after all others.
_SETUPTOOLS: Final = "DIST_EXTRA_CONFIG"
_CARGO: Final = "CARGO_TARGET_DIR"
_CARGOS: Final = (_CARGO, "CARGO_BUILD_TARGET_DIR")


@contextmanager
def kept_clean(
    directories: Iterable[Path], scratch: Path, environment: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield the variables for commands that may build *directories*, and remove what they left there afterwards.

    *scratch* is for files that need not be in a directory; it is removed as well. Files of a killed build are removed
    first. Variables in *environment* are the user's, and are not replaced.
    """
    directories = tuple(directories)
    places = [scratch, *(directory / BUILD_DIRECTORY for directory in directories)]
    _remove(places)
    try:
        variables = {}
        if not environment.get(_SETUPTOOLS):
            variables[_SETUPTOOLS] = os.fspath(_configuration(scratch))
        if any((d / "Cargo.toml").exists() for d in directories) and not any(map(environment.get, _CARGOS)):
            # Relative to the directory in which Cargo runs, which is the one that backends build: so the target
            # directory is removed wherever it is, and two builds at the same time do not wait for each other.
            variables[_CARGO] = BUILD_DIRECTORY
        yield variables
    finally:
        _remove(places)


def _configuration(scratch: Path) -> Path:
    metadata = scratch / "metadata"
    metadata.mkdir(parents=True)
    file = scratch / "setup.cfg"
    # In this file, a % begins the name of another value.
    shown = os.fspath(metadata).replace("%", "%%")
    file.write_text(
        f"[build]\nbuild_base = {BUILD_DIRECTORY}\n\n[egg_info]\negg_base = {shown}\n", encoding="utf-8"
    )
    return file


def _remove(places: Iterable[Path]) -> None:
    for path in filter(os.path.lexists, places):
        remove_tree(path)
