"""The file with everything that the commands of a build print."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final

from layerwright.output._text import in_one_line
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ToolOutput"]

_MOST: Final = 16 * 1024 * 1024


class ToolOutput:
    """Writes the commands of a build, and what they print, to the file *path*, which replaces that of the last build.

    Only its owner can read it. Secrets are masked, and control characters are escaped, as in the log. It has at most
    *most* bytes: if more is printed, the middle is left out. Without *path*, or if the file cannot be written, it does
    nothing: a build does not fail for its log.
    """

    def __init__(self, path: Path | None, most: int = _MOST) -> None:
        self._path: Final = path
        self._most: Final = most
        self._file: IO[bytes] | None = None
        self._begun = False

    @property
    def path(self) -> Path | None:
        """The file, if this build has written it."""
        return self._path if self._file is not None else None

    def command(self, words: str) -> None:
        """Write the command that is about to run. The first one creates the file."""
        if not self._begun:
            self._begun = True
            with suppress(OSError):
                self._file = _new(self._path) if self._path is not None else None
        self.line(f"$ {words}")

    def line(self, line: str) -> None:
        """Write a line of output."""
        if self._file is None:
            return
        text = in_one_line(KNOWN.masked(line))
        try:
            self._file.write(f"{text}\n".encode(errors="backslashreplace"))
            if self._file.tell() > self._most:
                _leave_out_the_middle(self._file, self._most)
        except OSError:
            self.close()

    def close(self) -> None:
        """Complete the file."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()


def _new(path: Path) -> IO[bytes]:
    path.unlink(missing_ok=True)
    # Another file of that name would not be ours.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    return open(descriptor, "w+b", buffering=0)  # noqa: PTH123  # it is a descriptor


def _leave_out_the_middle(file: IO[bytes], most: int) -> None:
    """Keep the first half of *most* bytes and the last quarter of what *file* has."""
    quarter = most // 4
    file.seek(-quarter, os.SEEK_END)
    end = file.read(quarter).partition(b"\n")[2]
    file.truncate(most // 2)
    file.seek(0, os.SEEK_END)
    file.write("\n… (the middle of the output is left out)\n".encode() + end)
