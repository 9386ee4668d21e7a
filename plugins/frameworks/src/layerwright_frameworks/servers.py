"""How to start each server: it listens on every address, on the port that the platform sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import Process, ProposedProcess

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ADDRESS", "ASGI", "PORT", "WSGI", "Protocol", "Server", "proposed", "python_file"]

# Only platforms set PORT, and 127.0.0.1 cannot be reached from outside a container.
PORT: Final = "${PORT:-8000}"
ADDRESS: Final = f"0.0.0.0:{PORT}"


class Server(NamedTuple):
    """A server: its distribution, the command line before the application, and the form of a factory.

    Without that form, it cannot call one.
    """

    name: str
    command: str
    factory: str = "'{}()'"

    def line(self, application: str, *, factory: bool = False) -> str:
        """Return the command line for *application*, ``module:name``; a *factory* is called to get one."""
        return f"{self.command} {self.factory.format(application) if factory else application}"


class Protocol(NamedTuple):
    """A protocol between servers and applications, and its servers, in order of preference.

    ``recommended`` is the server to install if there is none.
    """

    name: str
    servers: Sequence[Server]
    recommended: Server

    def server(self, distributions: frozenset[str], *, factory: bool = False) -> Server | None:
        """Return the first server that is installed, and can call a *factory*."""
        usable = (one for one in self.servers if one.name in distributions)
        return next((one for one in usable if one.factory or not factory), None)


_GUNICORN: Final = Server("gunicorn", f"gunicorn --bind {ADDRESS}")
# Like `fastapi run`: every installation with that command has uvicorn.
_UVICORN: Final = Server("uvicorn", f"uvicorn --host 0.0.0.0 --port {PORT}", factory="--factory {}")
_HYPERCORN: Final = Server("hypercorn", f"hypercorn --bind {ADDRESS}")


# Without --master, it would not end its workers; without --die-on-term, it would reload on SIGTERM.
_UWSGI_LINE: Final = f"uwsgi --http-socket {ADDRESS} --master --die-on-term --need-app --module"


def _granian(interface: str) -> Server:
    return Server(
        "granian", f"granian --interface {interface} --host 0.0.0.0 --port {PORT}", factory="--factory {}"
    )


WSGI: Final = Protocol(
    "WSGI",
    (
        _GUNICORN,
        Server("waitress", f"waitress-serve --listen={ADDRESS}", factory="--call {}"),
        _HYPERCORN,
        _granian("wsgi"),
        Server("uwsgi", _UWSGI_LINE),
        Server("pyuwsgi", _UWSGI_LINE),
    ),
    _GUNICORN,
)
ASGI: Final = Protocol(
    "ASGI",
    (
        Server("uvicorn-worker", f"gunicorn --bind {ADDRESS} --worker-class uvicorn_worker.UvicornWorker"),
        _UVICORN,
        _HYPERCORN,
        _granian("asgi"),
        Server("daphne", f"daphne --bind 0.0.0.0 --port {PORT}", factory=""),
    ),
    _UVICORN,
)


def proposed(
    line: str, because: str, *, type_: str = "web", directory: str = "", warning: str = ""
) -> ProposedProcess:
    """Return the process *type_* with the command *line*. A shell expands the port, then replaces itself."""
    command = ("sh", "-c", f"exec {line}")
    return ProposedProcess(
        process=Process(type=type_, command=command, working_directory=directory or None),
        because=because,
        warning=warning,
    )


def python_file(file: str, because: str, *, type_: str = "web", fallback: bool = False) -> ProposedProcess:
    """Return the process *type_* that runs *file*."""
    process = Process(type=type_, command=("python", file))
    return ProposedProcess(process=process, because=because, fallback=fallback)
