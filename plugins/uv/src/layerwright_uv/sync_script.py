"""Run ``uv sync`` so that it also installs again what has changed without a new version.

Run as a script: ``python sync_script.py RECORD COMMAND…``, with a line ``NAME==VERSION DIGEST`` on standard
input for each distribution of the lock file, and a line ``* DIGEST`` for the settings by which all are built. uv takes
an installed distribution for right when its version is; a fresh environment would have the other archive. The
interpreter is the application's, so this keeps to what every CPython from 3.8 on has.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def options(before: list[str], now: list[str]) -> list[str]:
    """Return the options by which ``uv sync`` installs again what has changed between two lists of lines."""
    known = {line.partition(" ")[0] for line in before}
    changed = [line.partition(" ")[0] for line in now if line not in set(before)]
    again = sorted({key.partition("==")[0] for key in changed if key in known})
    return ["--reinstall"] if "*" in again else [f"--reinstall-package={name}" for name in again]


def main(arguments: list[str]) -> None:
    """Replace this process with the command, once the record says what is going to be installed."""
    record, command = Path(arguments[0]), arguments[1:]
    now = sys.stdin.read()
    before = record.read_text(encoding="utf-8") if record.exists() else ""
    found = options(before.splitlines(), now.splitlines())
    if found:
        print("Changed without a new version, hence:", *found, flush=True)  # noqa: T201
    # Replaced and not overwritten: the last build, kept aside by hard links, has the same file.
    written = record.with_suffix(".new")
    written.write_text(now, encoding="utf-8")
    written.replace(record)
    os.execv(command[0], [*command, *found])  # noqa: S606


if __name__ == "__main__":  # pragma: no cover  # in a process, and by an interpreter, of its own
    main(sys.argv[1:])
