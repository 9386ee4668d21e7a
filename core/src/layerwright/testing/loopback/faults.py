"""Faults of a server on loopback: they are counted, and can be lifted while the server runs."""

from __future__ import annotations

from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.testing.loopback.server import Response

__all__ = ["Fault"]


class Fault:
    """A fault in the answers to some paths, for a number of requests or until it is lifted."""

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
        """End the fault: answer the requests that it stalls, and affect no more."""
        self._lifted.set()

    def wait_until_met(self, timeout: float = 60) -> None:
        """Wait until a request has met this fault; raise ``TimeoutError`` after *timeout* seconds."""
        if not self._met.wait(timeout):
            raise TimeoutError(f"no request for {self._pattern} within {timeout} seconds")

    def wait_until_lifted(self) -> None:
        """Wait until the fault is lifted, without a timeout."""
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
        """Return *response* with the fault."""
        self._met.set()
        return self._change(self, response)
