"""Reading and writing TOML documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Documents", "dumps", "read"]


def dumps(document: Mapping[str, Any]) -> str:
    """Return *document* as TOML; equal documents with equal key order give equal text."""
    import tomli_w

    return tomli_w.dumps(document)


def read(path: Path) -> dict[str, Any] | None:
    """Return the document at *path*; ``None`` if the file does not exist.

    ``ValueError``: it is not TOML, or not UTF-8. ``OSError``: it cannot be read.
    """
    import tomllib

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:  # tomllib's answer to a thousand opening brackets
        raise ValueError("nested too deeply") from error


class Documents:
    """Documents that are parsed once, as long as their files are the same."""

    def __init__(self) -> None:
        self._parsed: Final[dict[Path, tuple[tuple[int, int, int], dict[str, Any] | None]]] = {}

    def read(self, path: Path) -> dict[str, Any] | None:
        """Return the same as :func:`read`."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        state = (status.st_ino, status.st_mtime_ns, status.st_size)
        if path not in self._parsed or self._parsed[path][0] != state:
            self._parsed[path] = (state, read(path))
        return self._parsed[path][1]
