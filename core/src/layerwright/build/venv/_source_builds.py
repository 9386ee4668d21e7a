"""Has setuptools build a local directory without leaving anything in it, or taking what an earlier build left.

Package managers build a directory where it is. setuptools leaves ``build`` and ``NAME.egg-info`` there, and puts all
that is in ``build`` into the next wheel: a module that was removed comes back. It can be told to build in one of
another name, in which nobody else has anything, so that it can be removed. Backends that build for themselves in a
temporary directory, as most do, leave nothing.

Cargo, which builds what is written in Rust, is told so as well: what it leaves is large.
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

# setuptools reads the file that it names after all others, from its release 63 on (August 2022).
_SETUPTOOLS: Final = "DIST_EXTRA_CONFIG"
_CARGO: Final = "CARGO_TARGET_DIR"
_CARGOS: Final = (_CARGO, "CARGO_BUILD_TARGET_DIR")


@contextmanager
def kept_clean(
    directories: Iterable[Path], scratch: Path, environment: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Give the variables for commands that may build *directories*, and remove afterwards what they left there.

    *scratch* is for what need not be in a directory; it is removed as well. What a killed build left is removed first.
    What *environment* sets already is the user's own, and there is no variable for it.
    """
    directories = tuple(directories)
    places = [scratch, *(directory / BUILD_DIRECTORY for directory in directories)]
    _remove(places)
    try:
        variables = {}
        if not environment.get(_SETUPTOOLS):
            variables[_SETUPTOOLS] = os.fspath(_configuration(scratch))
        if any((d / "Cargo.toml").exists() for d in directories) and not any(map(environment.get, _CARGOS)):
            # It goes by where Cargo is started, which backends do in the directory that they build: in that of another
            # name that is removed, wherever it is, and so that two builds at the same time do not wait for each other.
            variables[_CARGO] = BUILD_DIRECTORY
        yield variables
    finally:
        _remove(places)


def _configuration(scratch: Path) -> Path:
    metadata = scratch / "metadata"
    metadata.mkdir(parents=True)
    file = scratch / "setup.cfg"
    # To its reader, what follows a % is the name of another value.
    shown = os.fspath(metadata).replace("%", "%%")
    file.write_text(
        f"[build]\nbuild_base = {BUILD_DIRECTORY}\n\n[egg_info]\negg_base = {shown}\n", encoding="utf-8"
    )
    return file


def _remove(places: Iterable[Path]) -> None:
    for path in filter(os.path.lexists, places):
        remove_tree(path)
