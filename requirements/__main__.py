"""Updates lock files, each only if it is complete: ``python -m requirements [NAME…]``, with ``uv`` on ``PATH``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.buildpack.package.locks import pinned
from requirements.completeness import environments, faults
from requirements.contents import CONTENTS, write_contents
from requirements.locks import LOCKS
from requirements.metadata import of_pins

if TYPE_CHECKING:
    from requirements.locks import Lock
    from requirements.metadata import Known

_COMPILE = ("uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes")
_BARE = ("--no-emit-index-url", "--no-header", "--no-annotate")


def write(lock: Lock) -> list[str]:
    """Resolve *lock* again, keeping versions that still fit, and write it if it is complete.

    Return its faults. Raise ``subprocess.CalledProcessError`` if uv or pip fails, after its output.
    """
    with tempfile.TemporaryDirectory() as directory:
        new = Path(directory, lock.file.name)
        # uv prefers the versions in the file that it writes.
        if lock.file.exists():
            shutil.copy(lock.file, new)
        subprocess.run([*_COMPILE, *_BARE, *lock.arguments, f"--output-file={new}"], check=True)
        wrong = check(new, lock)
        if not wrong:
            lock.file.write_bytes(new.read_bytes())
    return wrong


def check(file: Path, lock: Lock) -> list[str]:
    """Return what the text of *lock* in *file* lacks; the index is asked for the requirements of its distributions."""
    known: Known = {}
    for environment in environments(lock.oldest, [file.read_text()]):
        unknown = [
            pin for pin in pinned([file], environment).values() if (pin.name, pin.version) not in known
        ]
        known |= of_pins(unknown, environment["python_full_version"]) if unknown else {}
    texts = [text for one in known.values() for text in (one.requires_python, *one.requires)]
    where = environments(lock.oldest, [file.read_text(), *texts])
    return faults(file, lock.requirements, known, where)


def main(names: list[str]) -> int:
    """Write the locks *names*, or all of them; return the exit status."""
    if shutil.which("uv") is None:
        print("uv is not on PATH. It resolves the locks: install it first.", file=sys.stderr)
        return 1
    wrong = []
    for name in names or LOCKS:
        print(name, flush=True)
        found = write(LOCKS[name])
        wrong += found
        if name in CONTENTS and not found:
            write_contents(name)
        print("".join(f"  {words}\n" for words in found), end="", flush=True)
    if wrong:
        print(
            "Incomplete lock files were not written. Add what is missing to their .in files.", file=sys.stderr
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
