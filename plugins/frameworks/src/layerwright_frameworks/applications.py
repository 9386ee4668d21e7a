"""Find the ASGI or WSGI application that a server can import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import NotProposed
from layerwright_frameworks import source
from layerwright_frameworks.packages import other_files, package_files
from layerwright_frameworks.servers import ASGI, PORT, WSGI, Protocol, proposed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from layerwright import Project, ProposedProcess
    from layerwright_frameworks.source import Module

__all__ = ["FRAMEWORKS", "Application", "applications", "web_process"]

NAMES: Final[Sequence[str]] = ("app", "application", "api")
_FACTORIES: Final = ("create_app", "make_app")
_IN_PACKAGE: Final = (
    *("__init__.py", "main.py", "app.py", "server.py", "application.py", "api.py"),
    *("wsgi.py", "asgi.py"),
)
_FOR_SERVERS: Final = {"wsgi.py": WSGI, "asgi.py": ASGI}
_FILES: Final = (
    *("app.py", "main.py", "server.py", "application.py", "api.py"),
    *("app/main.py", "app/app.py", "app/api.py"),
)


class Framework(NamedTuple):
    """A framework: its name, distribution, constructors and protocol, and the framework that it is based on.

    The import package is named like the distribution, unless ``module`` has the constructors.
    """

    name: str
    distribution: str
    constructors: tuple[str, ...]
    protocol: Protocol
    based_on: str = ""
    module: str = ""

    @property
    def package(self) -> str:
        """The module that the constructors are in, or in modules below it."""
        return self.module or self.distribution


# A file may mount an application of a later one in that of an earlier one.
FRAMEWORKS: Final = (
    Framework("FastAPI", "fastapi", ("FastAPI",), ASGI, based_on="starlette"),
    Framework("Starlette", "starlette", ("Starlette",), ASGI),
    Framework("Litestar", "litestar", ("Litestar",), ASGI),
    Framework("Quart", "quart", ("Quart",), ASGI, based_on="flask"),
    Framework("Flask", "flask", ("Flask",), WSGI),
    Framework("Falcon", "falcon", ("App",), ASGI, module="falcon.asgi"),
    Framework("Falcon", "falcon", ("App", "API"), WSGI),
    Framework("Bottle", "bottle", ("Bottle", "default_app", "app"), WSGI),
    Framework("Dash", "dash", ("Dash",), WSGI, based_on="flask"),
)


class Application(NamedTuple):
    """An application, or a factory that returns one, by its file and its name.

    ``framework`` is ``None`` if only the file says what it is. ``name`` is empty if a server cannot import it.
    """

    file: str
    name: str
    framework: Framework | None
    protocol: Protocol
    factory: bool = False

    @property
    def reference(self) -> str:
        """The application as servers import it."""
        return f"{source.dotted_module(self.file)}:{self.name}"

    @property
    def words(self) -> str:
        """The application, for a sentence."""
        kind = self.framework.name if self.framework else self.protocol.name
        article = "an" if kind[0] in "AE" else "a"
        what = f"{article} {kind} application"
        return f"{self.file} has {self.name}, {what}" if self.name else f"{self.file} has {what}"

    def example(self, distributions: frozenset[str]) -> str:
        """Return a command line that serves it, with the recommended server if none is installed; empty if none can."""
        server = self.protocol.server(distributions, factory=self.factory) or self.protocol.recommended
        return server.line(self.reference, factory=self.factory) if self.name else ""


def applications(
    project: Project, distributions: frozenset[str], *, for_servers: bool = True
) -> tuple[Application, ...]:
    """Return the applications of *project*; more than one if it is not clear which one to serve.

    With *for_servers*, a ``wsgi.py`` or ``asgi.py`` at the top wins.
    """
    installed = [f for f in FRAMEWORKS if f.distribution in distributions]
    exposed = list(_for_servers(project, installed)) if for_servers else []
    if exposed:
        served = [one for one in exposed if one.protocol.server(distributions)]
        return tuple([*served, *exposed][:1])
    if not installed:
        return ()
    files = dict.fromkeys((*_FILES, *package_files(project, distributions, *_IN_PACKAGE)))
    found = [one for file in files for one in _in_file(project, file, installed)]
    # A factory in a package is called by a file at the top, if there is one.
    made = [one for one in found if not one.factory]
    if not made:
        made = [one for file in other_files(project, files) for one in _in_file(project, file, installed)]
        made = [one for one in made if not one.factory]
        # Several of them may be tools that only need an application.
        made = [] if found and len(made) > 1 else made
    return tuple(made or found)


def web_process(application: Application, distributions: frozenset[str]) -> ProposedProcess | NotProposed:
    """Return the process that serves *application* with a server among *distributions*."""
    file, name, framework, protocol, factory = application
    if not name:
        return NotProposed(
            type="web",
            because=f"{file} has a Dash application, and no name for its WSGI application",
            remedy=f'Add a line to {file}, below that application (here called app): "server = app.server".',
        )
    chosen = protocol.server(distributions, factory=factory)
    if chosen is not None:
        installed = f"{framework.name} and {chosen.name} are" if framework else f"{chosen.name} is"
        line = chosen.line(application.reference, factory=factory)
        return proposed(line, f"{file} has {name}, and {installed} installed")
    if framework is not None and framework.name == "Flask":
        # Not the option --app, which Flask has only had since 2.2.
        return proposed(
            f"env FLASK_APP={application.reference} flask run --host 0.0.0.0 --port {PORT}",
            f"{file} has {name}, and Flask is installed, but no server",
            warning=(
                "it is Flask's development server, which is not made for production.\n"
                f"Add {protocol.recommended.name} to the application's dependencies."
            ),
        )
    return NotProposed(
        type="web",
        because=f"{application.words}, and no {protocol.name} server is installed",
        remedy=f"Add {protocol.recommended.name} to the application's dependencies.",
    )


def _for_servers(project: Project, installed: Sequence[Framework]) -> Iterator[Application]:
    # Such a file is meant for servers, even if it only imports the application.
    for file, protocol in _FOR_SERVERS.items():
        module = source.parsed(project, file)
        name = next((name for name in NAMES if module and name in module.bound), None)
        if module is None or name is None:
            continue
        made = next((f for f in installed if name in module.instances(f.package, f.constructors)), None)
        framework = made or _sole(installed)
        # An asgi.py may wrap an application of a WSGI framework.
        decided = made if file == "asgi.py" else framework
        yield Application(file, name, framework, decided.protocol if decided else protocol)


def _in_file(project: Project, file: str, installed: Sequence[Framework]) -> Iterator[Application]:
    """Yield the applications of *file*: at most one, or several if it is not clear which one to serve."""
    module = source.parsed(project, file, *(f.package for f in installed), *_FACTORIES)
    if module is None:
        return
    for framework in installed:
        names = module.instances(framework.package, framework.constructors)
        if framework.name == "Dash" and names:
            names = _servers_of(module, names) or [""]
        if names:
            only = source.choice(names, NAMES)
            chosen = names if only is None else [only]
            yield from (Application(file, name, framework, framework.protocol) for name in chosen)
            return
    for framework in installed:
        local = source.choice(
            module.factories(framework.package, framework.constructors, _FACTORIES), _FACTORIES
        )
        if local is not None:
            # Called here, it is served by the name of what it returned.
            called = source.choice([n for n, f in module.made_by(_FACTORIES).items() if f == local], NAMES)
            yield Application(file, called or local, framework, framework.protocol, factory=called is None)
            return
    made = source.choice(list(module.made_by(_FACTORIES)), NAMES)
    sole = _sole(installed)
    if made is not None and sole is not None:
        yield Application(file, made, sole, sole.protocol)


def _servers_of(module: Module, names: Sequence[str]) -> list[str]:
    """Return the names that are assigned the attribute ``server`` of one of *names*."""
    return [name for name, value in module.assigned if module.dotted(value) in {f"{n}.server" for n in names}]


def _sole(installed: Sequence[Framework]) -> Framework | None:
    """Return the only framework that is *installed*, without those that another one is based on."""
    bases = {framework.based_on for framework in installed}
    left = [framework for framework in installed if framework.distribution not in bases]
    return left[0] if len(left) == 1 else None
