"""How to start each server: it listens on every address, on the port that the platform sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import Process, ProposedProcess

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ASGI", "WSGI", "Server", "proposed", "server"]

# Only platforms set PORT, and 127.0.0.1 cannot be reached from outside a container.
_PORT: Final = "${PORT:-8000}"
_ADDRESS: Final = f"0.0.0.0:{_PORT}"


class Server(NamedTuple):
    """A server: its distribution, the command line before the application, and the form of a factory."""

    name: str
    command: str
    factory: str = "'{}()'"

    def line(self, application: str, *, factory: bool = False) -> str:
        """Return the command line for *application*, ``module:name``; a *factory* is called to get one."""
        return f"{self.command} {self.factory.format(application) if factory else application}"


_HYPERCORN: Final = Server("hypercorn", f"hypercorn --bind {_ADDRESS}")
WSGI: Final = (
    Server("gunicorn", f"gunicorn --bind {_ADDRESS}"),
    Server("waitress", f"waitress-serve --listen={_ADDRESS}", factory="--call {}"),
    _HYPERCORN,
)
"""The servers for WSGI applications, in order of preference."""
ASGI: Final = (
    Server("uvicorn-worker", f"gunicorn --bind {_ADDRESS} --worker-class uvicorn_worker.UvicornWorker"),
    # Like `fastapi run`: every installation with that command has uvicorn.
    Server("uvicorn", f"uvicorn --host 0.0.0.0 --port {_PORT}"),
    _HYPERCORN,
)
"""The servers for ASGI applications, in order of preference."""


def server(servers: Iterable[Server], distributions: frozenset[str]) -> Server | None:
    """Return the first of *servers* that is installed."""
    return next((server for server in servers if server.name in distributions), None)


def proposed(line: str, because: str) -> ProposedProcess:
    """Return the process ``web`` with the command *line*. A shell expands the port, then replaces itself."""
    return ProposedProcess(
        process=Process(type="web", command=("sh", "-c", f"exec {line}")),
        because=because,
    )
