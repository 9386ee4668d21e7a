"""Exposes a tool's scripts, and nothing else of its virtual environment, on ``PATH``: in the ``bin`` of its layer.

The application's interpreter runs this as a script. So it uses only the standard library, and nothing newer than
Python 3.8.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def expose(layer: Path, names: list[str]) -> None:
    """Link each of *names*, a script of the virtual environment in *layer*."""
    (layer / "bin").mkdir()
    for name in names:
        (layer / "bin" / name).symlink_to(Path("..", "venv", "bin", name))


def extract(layer: Path, names: list[str]) -> None:
    """Keep *names*, standalone executables of the virtual environment in *layer*, and remove everything else."""
    (layer / "bin").mkdir()
    for name in names:
        (layer / "venv" / "bin" / name).rename(layer / "bin" / name)
    shutil.rmtree(layer / "venv")


def main(arguments: list[str]) -> int:
    """Run the action in the first of *arguments* for the layer in the second; return the exit status."""
    action, layer, *names = arguments
    missing = [name for name in names if not (Path(layer) / "venv" / "bin" / name).is_file()]
    if missing:
        sys.stderr.write(f"The distributions have no script {' or '.join(missing)}.\n")
        return 1
    {"expose": expose, "extract": extract}[action](Path(layer), names)
    return 0


if __name__ == "__main__":  # pragma: no cover  # in a process, and by an interpreter, of its own
    sys.exit(main(sys.argv[1:]))
