"""A shell that remembers where it is and what is exported, as the terminal of somebody who follows a page."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Answer", "Shell"]


class Answer(NamedTuple):
    """What a command printed, both streams together, and its status."""

    status: int
    output: str


class Shell:
    """A shell that starts in *directory* with *env*; what it remembers is in the file *memory*."""

    def __init__(self, directory: Path, env: Mapping[str, str], memory: Path) -> None:
        self._env: Final = dict(env)
        self._memory: Final = memory
        memory.write_text(f"cd {shlex.quote(str(directory))}\n")

    def run(self, line: str) -> Answer:
        """Run *line*, and remember what it did to the shell."""
        remember = f'{{ export -p; echo "cd $(printf %q "$PWD")"; }} > {shlex.quote(str(self._memory))}'
        completed = subprocess.run(
            [
                "/bin/bash",
                "-c",
                f". {shlex.quote(str(self._memory))}\n{line}\nstatus=$?\n{remember}\nexit $status",
            ],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Answer(completed.returncode, completed.stdout)
