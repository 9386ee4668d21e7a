"""A proxy on loopback that counts the bytes that pass through it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Traffic"]

_AT_ONCE: Final = 1 << 16


class Traffic:
    """The bytes that clients of the proxy at *address* have *sent* and *received* until now, requests included."""

    def __init__(self, address: str) -> None:
        self.address: Final = address
        self._lock = threading.Lock()
        self._sent = self._received = 0

    @classmethod
    @contextmanager
    def counted(cls, server: str) -> Iterator[Traffic]:
        """Listen on loopback and pass everything on to *server*, ``127.0.0.1:PORT``, and back."""
        host, _, port = server.rpartition(":")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            traffic = cls(f"127.0.0.1:{listener.getsockname()[1]}")
            threading.Thread(target=traffic._accept, args=(listener, (host, int(port))), daemon=True).start()
            yield traffic

    @property
    def sent(self) -> int:
        """The bytes that clients have sent."""
        with self._lock:
            return self._sent

    @property
    def received(self) -> int:
        """The bytes that clients have received."""
        with self._lock:
            return self._received

    def _accept(self, listener: socket.socket, server: tuple[str, int]) -> None:
        # Closing the listener ends this thread.
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client, server), daemon=True).start()

    def _serve(self, client: socket.socket, server: tuple[str, int]) -> None:
        with client, socket.create_connection(server) as upstream:
            back = threading.Thread(target=self._pass, args=(upstream, client, False), daemon=True)
            back.start()
            self._pass(client, upstream, True)
            back.join()

    def _pass(self, source: socket.socket, target: socket.socket, sent: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_AT_ONCE):
                with self._lock:
                    if sent:
                        self._sent += len(data)
                    else:
                        self._received += len(data)
                target.sendall(data)
            # The other direction may go on.
            target.shutdown(socket.SHUT_WR)
