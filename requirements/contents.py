"""The digests of the files in the wheels of tools, with which Layerwright recognises what is installed beside it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import locked_requirements
from layerwright.testing import wheel_contents
from requirements.locks import LOCKS

if TYPE_CHECKING:
    from requirements.locks import Lock

__all__ = ["CONTENTS", "write_contents"]

CONTENTS: Final = {name: LOCKS[name].file.with_name("contents.txt") for name in ("pip", "uv")}
"""The files with the digests, by the name of the lock file."""

_MACHINES: Final = ("x86_64", "aarch64")
_LIBRARIES: Final = ("manylinux2014", "musllinux_1_1")


def write_contents(name: str) -> None:
    """Download the wheels that the lock *name* pins for Linux, and write the digests of their files.

    Raise ``subprocess.CalledProcessError`` if pip fails, after its output.
    """
    with tempfile.TemporaryDirectory() as directory:
        for machine in _MACHINES:
            for library in _LIBRARIES:
                for line in _lines(LOCKS[name]):
                    _download(line, f"{library}_{machine}", Path(directory))
        found = sorted(wheel_contents(wheel) for wheel in Path(directory).glob("*.whl"))
    CONTENTS[name].write_text("".join(f"{wheel} {files}\n" for wheel, files in found))


def _lines(lock: Lock) -> list[str]:
    """Return the entries of *lock* without their markers: pip would evaluate these for its own Python."""
    entries = locked_requirements(lock.file.read_text())
    return [" ".join([entry.key, *(f"--hash={pin}" for pin in entry.pins)]) for entry in entries]


def _download(line: str, platform: str, directory: Path) -> None:
    options = ("--no-deps", "--require-hashes", "--only-binary=:all:", f"--platform={platform}")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *options),
            *(f"--dest={directory}", "--requirement=/dev/stdin", "--ignore-requires-python"),
        ],
        input=line,
        text=True,
        check=True,
    )
