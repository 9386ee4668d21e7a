"""Run a command and write its standard output to a file: ``python report_script.py FILE COMMAND…``.

uv only writes lock files that are named like lock files, so the report is taken from its standard output. The
application's interpreter runs this script, so it must work with every CPython from 3.8 on.
"""

from __future__ import annotations

import os
import sys


def main(arguments: list[str]) -> None:
    """Replace this process with the command."""
    file, *command = arguments
    if os.environ.get("UV_OFFLINE"):
        # uv refuses the two together, and without a network there is nothing newer.
        command = [word for word in command if word != "--refresh"]
    os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), sys.stdout.fileno())
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":  # pragma: no branch  # it is never imported
    main(sys.argv[1:])
