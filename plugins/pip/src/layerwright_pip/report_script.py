"""Run a command whose standard output becomes a file.

Run as a script: ``python report_script.py FILE COMMAND…``. uv writes a lock file under no name but a lock file's. The
interpreter is the application's, so this keeps to what every CPython from 3.8 on has.
"""

from __future__ import annotations

import os
import sys


def main(arguments: list[str]) -> None:
    """Replace this process with the command."""
    file, *command = arguments
    os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), sys.stdout.fileno())
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":  # pragma: no branch  # it is never imported
    main(sys.argv[1:])
