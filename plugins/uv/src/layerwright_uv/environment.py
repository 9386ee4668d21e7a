"""How uv fills the virtual environment from a lock file, and the inputs that determine the result."""

from __future__ import annotations

import hashlib
import os
import shlex
from typing import TYPE_CHECKING, Final

from layerwright import Command, EnvironmentInstall, Locked, Unprovable, Update, UserError, archive_digests
from layerwright_uv.cache_keys import cache_keys
from layerwright_uv.configuration import WITHOUT_EFFECT, configuration_inputs
from layerwright_uv.local_source import digest_of, table
from layerwright_uv.lock_file import LOCK_FILE, PYLOCK, read_lock

if TYPE_CHECKING:
    from layerwright import Diagnosis, EnvironmentRequest, Project
    from layerwright_uv.lock_file import LockedPackage

__all__ = ["environment"]

# An option, because the application's table wins over the variable.
_NO_BYTECODE: Final = "--no-compile-bytecode"
_OPTIONS: Final = {
    "groups": "--group={}",
    "extras": "--extra={}",
    "package": "--package={}",
    "editable": "--no-editable",
}


_FROZEN: Final = (
    f"{LOCK_FILE} is installed without checking that it matches pyproject.toml, because uv.frozen is set.\n"
    "When it should match again, run `uv lock`, and remove the setting."
)


def environment(request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how to install ``uv.lock`` or, if there is none, ``pylock.toml`` (PEP 751).

    Both pin every archive by hash, so equal inputs prove an equal result. If an index offers no hashes, there is
    no proof, and the environment is recreated.
    """
    if request.project.exists(LOCK_FILE):
        request.project.refuse_unlike(LOCK_FILE, "version")
        return _from_uv_lock(request)
    if request.project.exists(PYLOCK):
        request.project.refuse_unlike(PYLOCK, "lock-version")
        return _from_pylock(request)
    raise _missing(request.project)


def _missing(project: Project) -> UserError:
    above = next((up for n in range(1, 6) if project.exists(f"{(up := '../' * n)}{LOCK_FILE}")), "")
    place = os.path.normpath(project.path(above))
    name = str(table(project.toml("pyproject.toml"), "project").get("name", project.root.name))
    return UserError(
        f"{LOCK_FILE} does not exist.",
        cause=f"It is in {place}: this is a member of a workspace."
        if above
        else f"uv installs from a lock file, and there is neither {LOCK_FILE} nor {PYLOCK}.",
        remedy=(
            f"Name the member: layerwright config set --app {shlex.quote(place)} uv.package {shlex.quote(name)}",
            f"Build that directory: layerwright build {shlex.quote(place)}",
        )
        if above
        else (
            f"Run `uv lock`, and commit {LOCK_FILE}.",
            "Or let pip install the project, with the newest releases in each build: layerwright use pip",
        ),
        reference="missing-uv-lock",
    )


def _from_uv_lock(request: EnvironmentRequest) -> EnvironmentInstall:
    project, python = request.project, str(request.interpreter.executable)
    locked = read_lock(project.text(LOCK_FILE))
    packages = locked or ()
    loose = ", ".join(p.name for p in packages if not p.is_pinned)
    unproved = f"{LOCK_FILE} has no hash for {loose}" if loose else ""
    if locked is None:
        unproved = f"{LOCK_FILE} is not in the form that uv writes"
    files = {
        "pyproject.toml",
        *(os.path.normpath(f"{p.source}/pyproject.toml") for p in packages if p.is_project),
    }
    local = {p: digest for p in packages if (digest := _local_digest(request, p))}
    configuration = configuration_inputs(project, request.environment)
    choices = _choices(request)
    options = (_OPTIONS[name].format(value) for name, values in choices.items() for value in values)
    frozen = request.settings.frozen
    arguments = ("sync", "--frozen" if frozen else "--locked", "--no-default-groups", *options)
    stale = f"If uv says that {LOCK_FILE} needs to be updated, run `uv lock`, and commit {LOCK_FILE}."
    update = Update(
        archives=archive_digests(
            ((f"{p.name}=={p.version}", [local.get(p, p.digest)]) for p in packages), configuration
        ),
        # `uv sync --locked` checks this itself. A check before it would add half of the time of a small update.
        diagnosis=()
        if frozen
        else (
            _command(
                request,
                ("lock", "--check", f"--python={python}"),
                shown="uv lock --check",
                stale=stale,
            ),
        ),
    )
    return EnvironmentInstall(
        inputs={
            **{name: f"sha256:{project.digest(name)}" for name in (LOCK_FILE, *sorted(files))},
            **{f"{p.name} in {p.source}": f"sha256:{digest}" for p, digest in local.items()},
            **configuration,
        },
        commands=(
            _command(
                request,
                (*arguments, f"--python={python}", _NO_BYTECODE),
                shown=f"uv {' '.join(arguments)}",
                stale=stale,
            ),
        ),
        sameness=Unprovable(unproved) if unproved else Locked(update=update),
        keeps_cache=False,
        warnings=(_FROZEN,) if frozen else (),
    )


def _from_pylock(request: EnvironmentRequest) -> EnvironmentInstall:
    choices = _choices(request)
    if choices:
        raise UserError(
            f"{PYLOCK} is installed as a whole, but the configuration selects parts of it.",
            cause=f"The settings for that are {', '.join(choices)}; they need a {LOCK_FILE}.",
            remedy=(
                f"Commit {LOCK_FILE},",
                f"or select when you write {PYLOCK}: uv export --format pylock.toml",
            ),
            reference="pylock-choices",
        )
    arguments = ("pip", "sync", "--require-hashes", PYLOCK)
    return EnvironmentInstall(
        inputs={
            PYLOCK: f"sha256:{request.project.digest(PYLOCK)}",
            **configuration_inputs(request.project, request.environment),
        },
        commands=(
            _command(
                request,
                (*arguments, f"--python={request.venv}", _NO_BYTECODE),
                shown=f"uv {' '.join(arguments)}",
                stale=f"If {PYLOCK} lacks a hash, write it again: every archive must have one.",
            ),
        ),
        sameness=Locked(),
        keeps_cache=False,
    )


def _choices(request: EnvironmentRequest) -> dict[str, tuple[str, ...]]:
    """Return the settings that choose from the lock file, without those that have their defaults."""
    settings = request.settings
    choices = {
        "groups": (*settings.groups, *(settings.test_groups if request.exec_env == "test" else ())),
        "extras": settings.extras,
        "package": (settings.package,) if settings.package else (),
        "editable": () if settings.editable else ("no",),
    }
    return {name: values for name, values in choices.items() if values}


def _local_digest(request: EnvironmentRequest, package: LockedPackage) -> str:
    if package.kind == "path":
        return request.project.digest(package.source)
    if package.kind in {"directory", "editable"}:
        editable = package.kind == "editable" and request.settings.editable
        keys = tuple(cache_keys(request.project, package.source, request.environment))
        found = digest_of(request.project, package.source, editable=editable)
        return _digest(found, *keys) if keys else found
    return ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _command(
    request: EnvironmentRequest,
    arguments: tuple[str, ...],
    *,
    shown: str,
    stale: str,
) -> Command:
    return Command(
        argv=(str(request.tool.layer / "bin" / "uv"), *arguments, "--no-progress"),
        env={
            **dict.fromkeys(WITHOUT_EFFECT),
            "UV_CACHE_DIR": str(request.cache),
            "UV_LINK_MODE": "hardlink",
            "UV_NO_CACHE": "0",
            "UV_PROJECT_ENVIRONMENT": str(request.venv),
            "UV_PYTHON_DOWNLOADS": "never",
            # With another preference in the application's table, uv replaces the virtual environment.
            "UV_PYTHON_PREFERENCE": "only-system",
            "VIRTUAL_ENV": str(request.venv),
        },
        cwd=request.project.root,
        shown=shown,
        remedy=(
            stale,
            "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
            "If the package index could not be reached, check uv's index settings, then build again.",
        ),
        reference="uv-sync-failed",
        diagnoses=_diagnoses,
    )


def _diagnoses() -> tuple[Diagnosis, ...]:
    # Only a failure needs them.
    from layerwright_uv.diagnoses import diagnoses

    return diagnoses()
