"""An interpreter for tests that do not run one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["fake_interpreter"]

_SCRIPT = """\
#!/bin/sh
echo "$0 is not a real Python: this test should compute values, but it runs a command" >&2
exit 1
"""


def fake_interpreter(prefix: Path, version: str = "3.13.1") -> Interpreter:
    """Write a fake interpreter of *version* below *prefix*, and return it.

    Its executable exists and can be run: it fails with a message on standard error that says that it is not real.
    """
    interpreter = Interpreter(version=version, prefix=prefix)
    interpreter.executable.parent.mkdir(parents=True)
    interpreter.executable.write_text(_SCRIPT)
    interpreter.executable.chmod(0o755)
    interpreter.site_packages(prefix).mkdir(parents=True)
    return interpreter
