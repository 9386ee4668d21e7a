"""Turns an interpreter's prefix into a layer: its links, marker, bytecode and permissions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError
from layerwright.pythons.bytecode import compile_command
from layerwright.pythons.provider import minor_of

if TYPE_CHECKING:
    from layerwright.process.command import Completed
    from layerwright.process.runner import Runner

__all__ = ["compile_library", "finish"]

# https://packaging.python.org/en/latest/specifications/externally-managed-environments/
_MARKER: Final = """\
[externally-managed]
Error=This Python is a layer that was built by Layerwright. It is shared, and the
 application does not import what is installed into it.

 To give the application another distribution, add it to its requirements and
 build again. To try something out, make a virtual environment of your own:
 python -m venv DIRECTORY
"""


def compile_library(root: Path, *, version: str, runner: Runner, adopt: Path | None = None) -> Completed:
    """Compile the standard library in *root*, and return how that ended.

    *adopt* is a prefix with the same library, or *root* itself, whose valid bytecode is not compiled again.

    An interpreter that does not work cannot do this either; the proof reports the reason, and takes half as long with
    bytecode.
    """
    minor = minor_of(version)
    library = Path("lib", f"python{minor}")
    command = compile_command(
        root / "bin" / f"python{minor}",
        [root / library],
        adopt={root / library: adopt / library} if adopt else {},
        fixed_seed=True,
    )
    return runner.within({}).try_run(command)


def finish(root: Path, *, version: str, compiled: Completed) -> None:
    """Complete the prefix in *root*, so that equal content has equal bytes wherever it came from.

    ``SiteError``: *compiled* failed.
    """
    if compiled.returncode:
        raise SiteError(
            "The standard library could not be compiled.",
            cause=compiled.output.strip() or f"The compiler ended with status {compiled.returncode}.",
            remedy="Free some disk space, then build again.",
            reference="python-not-compiled",
        )
    minor = minor_of(version)
    library = root / "lib" / f"python{minor}"
    for link, target in (
        ("bin/python3", f"python{minor}"),
        ("bin/python", "python3"),
        ("bin/python3-config", f"python{minor}-config"),
        ("lib/pkgconfig/python3.pc", f"python-{minor}.pc"),
        ("lib/pkgconfig/python3-embed.pc", f"python-{minor}-embed.pc"),
    ):
        path = root / link
        if (path.parent / target).exists():
            path.symlink_to(target)
    (library / "site-packages").mkdir()
    (library / "EXTERNALLY-MANAGED").write_text(_MARKER, encoding="utf-8")
    _normalise_modes(os.fspath(root))


def _normalise_modes(directory: str) -> None:
    os.chmod(directory, 0o755)  # noqa: PTH101, S103  # plain strings: there are thousands of files
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _normalise_modes(entry.path)
            elif not entry.is_symlink():
                mode = entry.stat().st_mode & 0o7777
                wanted = 0o755 if mode & 0o111 else 0o644
                if mode != wanted:
                    os.chmod(entry.path, wanted)  # noqa: PTH101
