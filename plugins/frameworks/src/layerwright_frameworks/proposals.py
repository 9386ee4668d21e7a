"""Decide which processes to propose for an application, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright import NotProposed, ProposedProcess
from layerwright_frameworks.scripts import plain_process, script_process
from layerwright_frameworks.servers import ASGI, WSGI

if TYPE_CHECKING:
    from layerwright import Project

__all__ = ["proposals"]

_SERVERS: Final = frozenset(server.name for protocol in (WSGI, ASGI) for server in protocol.servers)
_WEB: Final = frozenset({"bottle", "dash", "falcon", "fastapi", "flask", "litestar", "quart", "starlette"})
_PROGRAMS: Final = frozenset({"functions-framework", "gradio", "streamlit"})
_WORKERS: Final = frozenset({"celery", "rq"})
_NOTHING: Final = NotProposed(
    because=(
        "it found no Django project, no application of a framework that it knows, no script of the project, no"
        " package with a __main__.py, and no file such as main.py that starts the application"
    )
)


def proposals(project: Project, distributions: frozenset[str]) -> tuple[ProposedProcess | NotProposed, ...]:
    """Return the processes of *project*, given its installed *distributions*, or why there are none.

    At most one is for ``web`` and one for ``worker``. Files are read only if a distribution makes it worthwhile.
    """
    django = None
    if "django" in distributions:
        from layerwright_frameworks.django_project import directory_of

        django = directory_of(project)
    web = _web(project, distributions, django)
    worker = None
    if distributions & _WORKERS:
        from layerwright_frameworks.workers import worker as find_worker

        worker = find_worker(project, distributions, django)
    return tuple(one for one in (web, worker) if one is not None) or (_NOTHING,)


def _web(
    project: Project, distributions: frozenset[str], django: str | None
) -> ProposedProcess | NotProposed | None:
    found: list[tuple[ProposedProcess | NotProposed, str]] = []
    example, files = "", set[str]()
    if django is not None:
        from layerwright_frameworks.django_project import web_process

        found.append((web_process(project, django, distributions), "manage.py has a Django project"))
    if distributions & (_WEB | _SERVERS):
        from layerwright_frameworks import applications

        for one in applications.applications(project, distributions, for_servers=django is None):
            found.append((applications.web_process(one, distributions), one.words))
            files.add(one.file)
            example = example or one.example(distributions)
    if distributions & _PROGRAMS:
        from layerwright_frameworks.programs import programs

        found += [(one, one.because) for one in programs(project, distributions, files)]
    if found and django is None:
        own = script_process(project, distributions)
        if isinstance(own, ProposedProcess) and not own.fallback:
            return own
    if len(found) > 1:
        shown = f", in a Procfile: web: {example}" if example else " in a Procfile."
        return NotProposed(
            type="web",
            because=f"it found more than one application: {', and '.join(words for _, words in found)}",
            remedy=f"Say which one to serve{shown}",
        )
    return found[0][0] if found else plain_process(project, distributions)
