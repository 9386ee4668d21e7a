"""An interpreter for tests that run none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["fake_interpreter"]

_SCRIPT = """\
#!/bin/sh
echo "$0 is no Python: a test was to compute values, and runs a command" >&2
exit 1
"""


def fake_interpreter(prefix: Path, version: str = "3.13.1") -> Interpreter:
    """Write what can be taken for an interpreter of *version* below *prefix*, and return it.

    Its executable exists and can be run, says on standard error what it is, and fails.
    """
    interpreter = Interpreter(version=version, prefix=prefix)
    interpreter.executable.parent.mkdir(parents=True)
    interpreter.executable.write_text(_SCRIPT)
    interpreter.executable.chmod(0o755)
    interpreter.site_packages(prefix).mkdir(parents=True)
    return interpreter
