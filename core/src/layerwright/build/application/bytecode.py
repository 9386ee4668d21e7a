"""Bytecode of the application's own modules, compiled once for each content.

It is hash-based and checked (PEP 552), unlike that of layers: the source stays a file that people edit, mount and patch
in an image that is derived from this one, and bytecode must never hide that. The interpreter reads the source at
an import, and compiles it only if it is not the one that was compiled. File times do not matter.
"""

from __future__ import annotations

import hashlib
import marshal
import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.process.version import __version__
from layerwright.pythons.bytecode import compile_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Compiled", "Kept", "compile_modules", "read_kept", "write_kept"]

_CACHE: Final = "__pycache__"
_SOURCE: Final = ".py"
_BYTECODE: Final = ".pyc"
_FLAGS: Final = slice(4, 8)
_CHECKED_HASH: Final = (0b11).to_bytes(4, "little")


class Kept(NamedTuple):
    """Bytecode for an interpreter of version *python*, by a digest of each module's name and content.

    It is empty for a module that does not compile. ``suffix`` is the end of the names of bytecode files, such as
    ``.cpython-313.pyc``.
    """

    python: str = ""
    suffix: str = ""
    bytecode: Mapping[bytes, bytes] = {}


class Compiled(NamedTuple):
    """The bytecode of modules, whose names are paths in the source tree.

    ``kept`` has what the next build need not compile: exactly the modules of this one. ``number`` of them were
    compiled now. ``failed`` are the modules that do not compile.
    """

    keys: Mapping[str, bytes]
    kept: Kept
    number: int
    failed: tuple[str, ...]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the path of each bytecode file in the source tree, where an import finds it, and its content."""
        for module, key in self.keys.items():
            if content := self.kept.bytecode[key]:
                yield _bytecode_of(module, self.kept.suffix), content


def read_kept(path: Path) -> Kept:
    """Return what :func:`write_kept` of the same version of Layerwright wrote to *path*; nothing if it is damaged."""
    content = read_checksummed(path)
    try:
        version, *fields = marshal.loads(content or b"")  # noqa: S302  # ours, in a layer like the code of others
    except (EOFError, TypeError, ValueError):
        return Kept()
    return Kept(*fields) if version == __version__ else Kept()


def write_kept(path: Path, kept: Kept) -> None:
    """Write *kept* to *path*: equal values give equal bytes."""
    ordered = (__version__, kept.python, kept.suffix, dict(sorted(kept.bytecode.items())))
    # Version 2 of the format has no references, which depend on what else refers to a value.
    write_checksummed(path, marshal.dumps(ordered, 2))


def compile_modules(
    tree: Path,
    modules: Iterable[str],
    kept: Kept,
    *,
    interpreter: Interpreter,
    runner: Runner,
    temporary: Path,
) -> Compiled:
    """Return the bytecode of *modules*, paths in *tree*, for *interpreter*, which runs only for what *kept* lacks.

    *tree* is only read; copies of sources are in a directory in *temporary* meanwhile. A module that cannot be read
    is left out. ``CommandFailed``: the interpreter could not write the bytecode.
    """
    if kept.python != interpreter.version:
        kept = Kept(interpreter.version)
    keys: dict[str, bytes] = {}
    missing: dict[str, bytes] = {}
    with ExitStack() as stack:
        draft: Path | None = None
        for module in modules:
            try:
                content = (tree / module).read_bytes()
            except OSError:
                continue
            keys[module] = key = _key(module, content)
            if key in kept.bytecode:
                continue
            if draft is None:
                draft = Path(stack.enter_context(TemporaryDirectory(dir=temporary, prefix="modules-")))
            missing[module] = key
            _write(draft / module, content)
        if draft is not None:
            runner.run(compile_command(interpreter.executable, [draft]))
            kept = _with_compiled(kept, draft, missing)
    used = {key: kept.bytecode[key] for key in keys.values()}
    return Compiled(
        keys=keys,
        kept=kept._replace(bytecode=used),
        number=sum(bool(used[key]) for key in missing.values()),
        failed=tuple(module for module, key in keys.items() if not used[key]),
    )


def _key(module: str, content: bytes) -> bytes:
    # Bytecode contains the name, and several modules may have the same content.
    return hashlib.sha256(os.fsencode(module) + b"\0" + content).digest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _with_compiled(kept: Kept, draft: Path, modules: Mapping[str, bytes]) -> Kept:
    """Return *kept* with the bytecode in *draft* of *modules*, which has their keys."""
    suffix, found = kept.suffix, dict(kept.bytecode)
    for module, key in modules.items():
        suffix = suffix or _suffix_of(draft / module)
        file = draft / _bytecode_of(module, suffix)
        content = file.read_bytes() if file.exists() else b""
        found[key] = content and content[: _FLAGS.start] + _CHECKED_HASH + content[_FLAGS.stop :]
    return Kept(kept.python, suffix, found)


def _suffix_of(source: Path) -> str:
    """Return the end of the name of the bytecode of *source*, empty if it has none: only the interpreter knows it."""
    stem, cache = source.name.removesuffix(_SOURCE), source.with_name(_CACHE)
    ends = [path.name.removeprefix(stem) for path in cache.glob(f"*{_BYTECODE}")] if cache.is_dir() else []
    # A module a.py has the bytecode a.cpython-313.pyc, and not the bytecode a.b.cpython-313.pyc of a.b.py.
    return next((end for end in ends if end[0] == "." and end.count(".") == 2), "")


def _bytecode_of(module: str, suffix: str) -> str:
    directory, _, name = module.rpartition("/")
    return f"{directory and f'{directory}/'}{_CACHE}/{name.removesuffix(_SOURCE)}{suffix}"
