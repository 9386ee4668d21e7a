"""Runs the pip that is bundled with the interpreter: ``python _bundled_pip_script.py ARGUMENTS`` is ``pip ARGUMENTS``.

The interpreter is the application's, so this only uses features of CPython 3.8.
"""

from __future__ import annotations

import ensurepip
import runpy
import sys
from pathlib import Path


def prepare(ensurepip_file: str) -> None:
    """Put the bundled wheel on ``sys.path``, as ``ensurepip`` does, and remove this script's directory."""
    wheels = [str(wheel) for wheel in Path(ensurepip_file).parent.glob("_bundled/pip-*.whl")]
    if not wheels:
        sys.exit(f"{sys.executable} has no bundled pip: its ensurepip module has no wheel.")
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = wheels + [entry for entry in sys.path if entry != here]


if __name__ == "__main__":  # pragma: no cover  # in a process, and by an interpreter, of its own
    prepare(ensurepip.__file__)
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
