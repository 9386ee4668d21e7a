"""How Poetry fills the virtual environment, and the inputs that determine the result."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import (
    Command,
    EnvironmentInstall,
    Locked,
    SecretStr,
    Unprovable,
    Update,
    UserError,
    archive_digests,
    locked_archives,
)
from layerwright_poetry.application import (
    application_inputs,
    fresh_because,
    has_no_import_package,
    never_removed,
    refuse_missing_files,
)
from layerwright_poetry.files import LOCK, PYPROJECT, locked, poetry_table
from layerwright_poetry.poetry_plugins import poetry_plugins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import Diagnosis, EnvironmentRequest, LockedArchive
    from layerwright_poetry.files import LockedDistribution

__all__ = ["chosen_groups", "environment"]

_SCRIPT: Final = Path(__file__).parent / "poetry_script.py"
_TABLES: Final = ("project", "dependency-groups", "build-system")
# These change how fast Poetry installs, not what.
_WITHOUT_EFFECT: Final = frozenset({"POETRY_INSTALLER_PARALLEL", "POETRY_INSTALLER_MAX_WORKERS"})
_GIT_CLIENT: Final = "POETRY_SYSTEM_GIT_CLIENT"
_REMEDY: Final = (
    f"If {LOCK} does not match {PYPROJECT}, run `poetry lock` and commit {LOCK}.",
    "If a group or an extra is not found, correct groups, test-groups or extras in [tool.layerwright.poetry].",
    "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
    "If a package index could not be reached, or has no candidates, check the sources and their credentials.",
)


def environment(request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how to install what the lock file says.

    Equal inputs prove an equal result. After a change, ``poetry sync`` updates the environment if it can.
    """
    project, settings = request.project, request.settings
    project.text(PYPROJECT)
    project.refuse_outside("poetry.toml")
    if not project.exists(LOCK):
        raise UserError(
            f"There is no {LOCK}.",
            cause="Without it, Poetry would choose versions itself, possibly different ones in every build.",
            remedy=(
                f"Run `poetry lock` and commit {LOCK}.",
                "Or let pip install the project, with the newest releases in each build: layerwright use pip",
            ),
            reference="missing-poetry-lock",
        )
    project.refuse_unlike(LOCK, "metadata")
    refuse_missing_files(project, settings.root)
    distributions, plugins = tuple(locked(project)), poetry_plugins(project, settings.with_)
    _refuse_lost(request, distributions)
    local = {d.path: project.digest(d.path) for d in distributions if d.path}
    installer = _installer_settings(request)
    unproved = fresh_because(project, plugins, settings.root)
    update = None
    # An entry that cannot be read may belong to an archive that has changed.
    if all(d.key for d in distributions):
        archives = archive_digests(
            ((d.key, (*d.hashes, local.get(d.path, ""))) for d in distributions), installer
        )
        update = Update(archives=archives, keeps=never_removed(project, settings.root))

    def in_lock() -> Iterable[LockedArchive]:
        return locked_archives(project.toml(LOCK).get("package"))

    return EnvironmentInstall(
        inputs={
            LOCK: f"sha256:{project.digest(LOCK)}",
            # Only the tables that Poetry reads: those of other tools may change.
            PYPROJECT: _digest([*map(project.toml(PYPROJECT).get, _TABLES), poetry_table(project)]),
            # Editable installations contain this path.
            "application directory": str(project.root),
            **installer,
            **{path: f"sha256:{local[path]}" for path in sorted(local)},
            **application_inputs(project, settings.root),
        },
        commands=(_sync(request),),
        sameness=Unprovable(unproved, archives=in_lock)
        if unproved
        else Locked(update=update, archives=in_lock),
        warnings=_not_installed(request),
    )


def _refuse_lost(request: EnvironmentRequest, distributions: Iterable[LockedDistribution]) -> None:
    for distribution in distributions:
        try:
            request.project.refuse_lost(distribution.path, LOCK)
        except UserError:
            from layerwright_poetry.expected import expected

            # Poetry does not look for what it does not install.
            needed = expected(request, chosen_groups(request))
            if needed is None or distribution.name in needed.names:
                raise


def _sync(request: EnvironmentRequest) -> Command:
    options = [
        f"--only={','.join(chosen_groups(request))}",
        *(f"--extras={extra}" for extra in request.settings.extras),
    ]
    if request.settings.root is False or _absent(request):
        options.append("--no-root")
    python = request.tool.layer / "venv" / "bin" / "python"
    passwords = re.compile("POETRY_HTTP_BASIC_.*_PASSWORD")
    secrets = {n: SecretStr(v) for n, v in request.environment.items() if passwords.fullmatch(n)}
    # Poetry's own client reads no configuration in variables, where the credentials for repositories may be.
    by_git = {_GIT_CLIENT: "true"} if request.environment.get("GIT_CONFIG_COUNT") else dict[str, str]()
    return Command(
        argv=(str(python), "-I", "-B", str(_SCRIPT), "sync", "--no-interaction", *options),
        env={**by_git, **secrets, "VIRTUAL_ENV": str(request.venv), "POETRY_CACHE_DIR": str(request.cache)},
        cwd=request.project.root,
        shown=f"poetry sync {' '.join(options)}",
        remedy=_REMEDY,
        reference="poetry-sync-failed",
        diagnoses=_diagnoses,
        without_effect=frozenset(by_git),
    )


def _diagnoses() -> tuple[Diagnosis, ...]:
    # Only a failure needs them.
    from layerwright_poetry.diagnoses import diagnoses

    return diagnoses()


def _absent(request: EnvironmentRequest) -> str:
    """Return the import package whose absence keeps the application from being installed; empty if it is decided."""
    return has_no_import_package(request.project) if request.settings.root is None else ""


def _not_installed(request: EnvironmentRequest) -> tuple[str, ...]:
    absent = _absent(request)
    if not absent:
        return ()
    return (
        f"The application itself is not installed, because there is no package {absent}.\n"
        "If this is right, set poetry.root to false, or package-mode to false in [tool.poetry].",
    )


def chosen_groups(request: EnvironmentRequest) -> tuple[str, ...]:
    """Return the dependency groups to install."""
    settings = request.settings
    more = settings.test_groups if request.exec_env == "test" else ()
    return tuple(dict.fromkeys(("main", *settings.groups, *more)))


def _installer_settings(request: EnvironmentRequest) -> dict[str, str]:
    """Return digests of Poetry's settings that say which archives are installed and how they are built."""
    project, environment = request.project, request.environment
    home = environment.get("XDG_CONFIG_HOME") or f"{environment.get('HOME', '')}/.config"
    own = environment.get("POETRY_CONFIG_DIR") or f"{home}/pypoetry"
    # Reading the file tells core the passwords in it, so that it can redact them.
    project.read(f"{own}/auth.toml")
    tables = {file: project.toml(file).get("installer") for file in ("poetry.toml", f"{own}/config.toml")}
    variables = {n: v for n, v in environment.items() if n.startswith("POETRY_INSTALLER_")}
    found = {f"installer in {file}": table for file, table in tables.items()} | variables
    return {n: _digest(found[n]) for n in sorted(found) if found[n] and n not in _WITHOUT_EFFECT}


def _digest(value: object) -> str:
    # TOML also has dates, which JSON does not.
    text = json.dumps(value, sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
