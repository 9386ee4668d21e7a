"""Makes an interpreter's prefix a layer: its links, its marker, its bytecode and its permissions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.command import Command
from layerwright.errors import SiteError
from layerwright.pythons.provider import minor_of

if TYPE_CHECKING:
    from layerwright.command import Runner

__all__ = ["finish"]

# https://packaging.python.org/en/latest/specifications/externally-managed-environments/
_MARKER: Final = """\
[externally-managed]
Error=This Python is a layer that was built by Layerwright. It is shared, and the
 application does not import what is installed into it.

 To give the application another distribution, add it to its requirements and
 build again. To try something out, make a virtual environment of your own:
 python -m venv DIRECTORY
"""


def finish(root: Path, *, version: str, runner: Runner) -> None:
    """Complete the prefix in *root*, so that equal content is equal to the byte wherever it came from."""
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
    _compile(root / "bin" / f"python{minor}", library, runner)
    _normalise_modes(root)


def _compile(python: Path, library: Path, runner: Runner) -> None:
    """Compile *library* to bytecode that stays valid when timestamps are reset, as in a layer (PEP 552)."""
    # Not -I, which would ignore the seed: before 3.11 the order of a set constant depends on it. The environment
    # is otherwise empty, and the working directory holds nothing that could be imported. -B, for what compileall
    # imports would be cached with timestamps, and then pass for compiled.
    compileall = ("-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", str(library))
    completed = runner.within({"PYTHONHASHSEED": "0"}).try_run(
        Command(argv=(str(python), "-s", "-B", *compileall), cwd=python.parent)
    )
    # The status also tells of files that are not meant to compile, which may be in any release.
    if not any(library.glob("__pycache__/os.cpython-*.pyc")):
        raise SiteError(
            "The standard library could not be compiled.",
            cause=completed.output.strip() or f"compileall ended with status {completed.returncode}.",
            remedy="See that there is room on the disk, then build again.",
            reference="python-not-compiled",
        )


def _normalise_modes(root: Path) -> None:
    root.chmod(0o755)
    for folder, folders, files in os.walk(root):
        for path in (Path(folder, name) for name in (*folders, *files)):
            if not path.is_symlink():
                executable = path.is_dir() or path.stat().st_mode & 0o111
                path.chmod(0o755 if executable else 0o644)
