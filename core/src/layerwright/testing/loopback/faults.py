"""Faults that a server on loopback can have, counted and liftable while it serves."""

from __future__ import annotations

from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.testing.loopback.server import Response

__all__ = ["Fault"]


class Fault:
    """Something that goes wrong with the answers to some paths, a number of times or until it is lifted."""

    def __init__(
        self, pattern: str, times: int | None, change: Callable[[Fault, Response], Response]
    ) -> None:
        self._pattern = pattern
        self._left = times
        self._change = change
        self._counting = Lock()
        self._met = Event()
        self._lifted = Event()

    def lift(self) -> None:
        """End the fault: what it holds up is answered now, and it strikes no more."""
        self._lifted.set()

    def wait_until_met(self, timeout: float = 60) -> None:
        """Return when a request has met this fault; raise ``TimeoutError`` after *timeout* seconds."""
        if not self._met.wait(timeout):
            raise TimeoutError(f"nobody asked for {self._pattern} within {timeout} seconds")

    def wait_until_lifted(self) -> None:
        """Return when the fault has been lifted, however long that takes."""
        self._lifted.wait()

    def strikes(self, path: str) -> bool:
        """Return whether the fault applies to this request for *path*, and count it if so."""
        with self._counting:
            if self._lifted.is_set() or self._left == 0 or not fnmatchcase(path, self._pattern):
                return False
            if self._left is not None:
                self._left -= 1
            return True

    def change(self, response: Response) -> Response:
        """Return what becomes of *response*."""
        self._met.set()
        return self._change(self, response)
