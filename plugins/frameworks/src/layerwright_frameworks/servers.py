"""How each server is started for an application: on every address, and on the port that the platform names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import Process, ProposedProcess

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ASGI", "WSGI", "Server", "proposed", "server"]

# Elsewhere than on a platform nobody sets PORT, and 127.0.0.1 cannot be reached from outside a container.
_PORT: Final = "${PORT:-8000}"
_ADDRESS: Final = f"0.0.0.0:{_PORT}"


class Server(NamedTuple):
    """A server: its distribution, the command line in front of the application, and what a factory needs instead."""

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
"""The servers for WSGI applications, in the order in which they are preferred."""
ASGI: Final = (
    Server("uvicorn-worker", f"gunicorn --bind {_ADDRESS} --worker-class uvicorn_worker.UvicornWorker"),
    # As `fastapi run` would: whatever has that command has uvicorn.
    Server("uvicorn", f"uvicorn --host 0.0.0.0 --port {_PORT}"),
    _HYPERCORN,
)
"""The servers for ASGI applications, in the order in which they are preferred."""


def server(servers: Iterable[Server], distributions: frozenset[str]) -> Server | None:
    """Return the first of *servers* that is installed."""
    return next((server for server in servers if server.name in distributions), None)


def proposed(line: str, because: str) -> ProposedProcess:
    """Return the process ``web`` with the command *line*, in which a shell expands the port and then makes way."""
    return ProposedProcess(
        process=Process(type="web", command=("sh", "-c", f"exec {line}")),
        because=because,
    )
