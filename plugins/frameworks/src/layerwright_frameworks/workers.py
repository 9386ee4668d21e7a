"""Find the worker that runs an application's background tasks: of Celery or of RQ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright import NotProposed
from layerwright_frameworks import source
from layerwright_frameworks.django_project import settings_module
from layerwright_frameworks.packages import package_files
from layerwright_frameworks.servers import proposed, python_file

if TYPE_CHECKING:
    from layerwright import Project, ProposedProcess

__all__ = ["worker"]

_FILES: Final = (
    *("celery_app.py", "celeryapp.py", "celery_worker.py", "worker.py", "tasks.py"),
    *("app.py", "main.py", "server.py", "api.py"),
)
_IN_PACKAGE: Final = ("celery.py", "celery_app.py", "worker.py", "tasks.py", "__init__.py")
_NAMES: Final = ("app", "celery", "celery_app")
_REDIS: Final = "${REDIS_URL:-redis://localhost:6379}"


def worker(
    project: Project, distributions: frozenset[str], django: str | None
) -> ProposedProcess | NotProposed | None:
    """Return the process ``worker`` of *project*, whose Django project is in the directory *django*, if it has one."""
    celery = _celery(project, distributions, django) if "celery" in distributions else None
    rq = _rq(project, distributions, django) if "rq" in distributions else None
    if celery is None or rq is None:
        return celery or rq
    return NotProposed(
        type="worker",
        because="it uses both Celery and RQ",
        remedy="Define a process type for each, for example in a Procfile.",
    )


def _celery(
    project: Project, distributions: frozenset[str], django: str | None
) -> ProposedProcess | NotProposed | None:
    directory = django or ""
    files = _FILES + package_files(project, distributions, *_IN_PACKAGE)
    if django is not None:
        package = settings_module(project, django).rpartition(".")[0].replace(".", "/")
        # The settings may be a package below the one with celery.py.
        parents = dict.fromkeys(filter(None, (package, package.rpartition("/")[0])))
        files = tuple(f"{parent}/celery.py" for parent in parents)
    found = []
    for file in files:
        module = source.parsed(project, f"{directory}/{file}" if directory else file, "celery")
        name = source.choice(module.instances("celery", ("Celery",)), _NAMES) if module else None
        if name is not None:
            found.append((file, name))
    if not found:
        return None
    file, name = found[0]
    line = f"celery --app {source.dotted_module(file)}:{name} worker --loglevel info"
    if len(found) == 1:
        because = f"{file} has {name}, a Celery application, and Celery is installed"
        return proposed(line, because, type_="worker", directory=directory)
    there = ", ".join(file for file, _ in found)
    return NotProposed(
        type="worker",
        because=f"more than one file has a Celery application: {there}",
        remedy=f"Say which one to run, in a Procfile: worker: {line}",
    )


def _rq(project: Project, distributions: frozenset[str], django: str | None) -> ProposedProcess | None:
    if django is not None and "django-rq" in distributions:
        because = "manage.py exists, and django-rq is installed"
        return proposed("python manage.py rqworker default", because, type_="worker", directory=django)
    if source.imports(project, "worker.py", "rq") and b"Worker(" in source.text_of(project, "worker.py"):
        return python_file("worker.py", "worker.py runs an RQ worker, and RQ is installed", type_="worker")
    files = [
        f
        for f in (*_FILES, *package_files(project, distributions, *_IN_PACKAGE))
        if source.imports(project, f, "rq")
    ]
    if not files:
        return None
    because = f"{files[0]} imports RQ, which is installed"
    return proposed(f"rq worker --url {_REDIS}", because, type_="worker")
