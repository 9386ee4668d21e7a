"""Provides interpreters as relocated copies of those of this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.pythons.provider import Candidate, anything, minor_of
from layerwright.pythons.system._discover import discover, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Progress, Wanted
    from layerwright.pythons.system._discover import Found

__all__ = ["SystemProvider"]


class SystemProvider:
    """Provides the final releases of CPython on this machine that can be copied.

    They are searched on the ``PATH`` of *env*, among those of pyenv and uv below *home*, and in *base_prefix*. Facts
    about them are cached in *cache_dir*.
    """

    name = "system"

    def __init__(
        self,
        env: Mapping[str, str],
        home: Path,
        cache_dir: Path,
        runner: Runner,
        *,
        base_prefix: str = sys.base_prefix,
    ) -> None:
        self._folders = places(env, home, base_prefix)
        self._cache_dir = cache_dir
        self._runner = runner

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        """Return every interpreter that can be copied, newest first; those whose names do not match may be missing."""
        return [
            Candidate(version=one.version, provider=self.name, origin=one.prefix, inputs=dict(_identity(one)))
            for one in discover(self._folders, self._cache_dir, self._runner, wanted)
            if not one.obstacle
        ]

    def looked_in(self) -> Sequence[str]:
        """Return a line for each interpreter of this machine, or the directories if there is none."""
        found = discover(self._folders, self._cache_dir, self._runner)
        return [one.words for one in found] or self._folders

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        """Copy and strip the interpreter, relocate it to *destination*, and prove it with the original hidden."""
        from layerwright.pythons._finish import compile_library, finish
        from layerwright.pythons._prove import prove
        from layerwright.pythons._relocate import recorded_prefix, relocate
        from layerwright.pythons.system._bytecode import has_bytecode
        from layerwright.pythons.system._copying import copy_interpreter

        minor = minor_of(candidate.version)
        prefix = Path(candidate.origin)
        progress(0, None)
        copy_interpreter(prefix, destination, minor)
        old = (str(prefix), recorded_prefix(destination))
        relocate(destination, old)
        library = Path("lib", f"python{minor}")
        adopt = prefix if has_bytecode(prefix / library, destination / library, minor) else None
        compiled = compile_library(destination, version=candidate.version, runner=runner, adopt=adopt)
        prove(
            destination,
            version=candidate.version,
            old=old,
            modules={
                path.name.partition(".")[0] for path in (destination / library / "lib-dynload").iterdir()
            },
            runner=runner,
            original=prefix,
        )
        finish(destination, version=candidate.version, compiled=compiled)


def _identity(found: Found) -> Iterator[tuple[str, str]]:
    """Yield values that distinguish one installation from the next at the same prefix, without reading all of it."""
    minor = minor_of(found.version)
    yield "prefix", found.prefix
    for name in (f"bin/python{minor}", f"lib/libpython{minor}.so.1.0"):
        path = Path(found.prefix, name)
        if path.is_file():
            status = path.stat()
            yield name, f"{status.st_size} bytes, modified at {status.st_mtime_ns} ns"
