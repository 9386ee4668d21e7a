"""How uv fills the virtual environment from a lock file, and the inputs that determine the result."""

from __future__ import annotations

import hashlib
import os
import shlex
from functools import partial
from typing import TYPE_CHECKING, Final

from layerwright import (
    EnvironmentInstall,
    Locked,
    Unprovable,
    Update,
    UserError,
    archive_digests,
    inline_metadata,
    locked_archives,
    normalised_name,
)
from layerwright_uv.cache_keys import cache_keys
from layerwright_uv.commands import command
from layerwright_uv.configuration import SHARED, configuration_inputs
from layerwright_uv.local_source import digest_of
from layerwright_uv.lock_file import (
    LOCK_FILE,
    PYLOCK,
    Lock,
    archives_of,
    chosen,
    digest_of_part,
    lock_of,
    read_lock,
)
from layerwright_uv.refused import installed_whole, missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import EnvironmentRequest, Project
    from layerwright_uv.lock_file import LockedPackage

__all__ = ["environment"]

# An option, because the application's table wins over the variable.
_NO_BYTECODE: Final = "--no-compile-bytecode"
_SEVERAL: Final = 2
_MOST_SHOWN: Final = 10
_OPTIONS: Final = {
    "groups": "--group={}",
    "extras": "--extra={}",
    "package": "--package={}",
    "editable": "--no-editable",
}


def environment(request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how to install ``uv.lock``, a script's lock file or, if there is neither, ``pylock.toml`` (PEP 751).

    All of them pin every archive by hash, so equal inputs prove an equal result. If an index offers no hashes, there is
    no proof, and the environment is recreated.
    """
    lock = lock_of(request.project)
    if lock is not None:
        if not request.project.is_outside(lock.workspace.root):
            request.project.refuse_unlike(lock.file, "version")
        return _from_uv_lock(request, lock)
    if request.project.exists(PYLOCK):
        request.project.refuse_unlike(PYLOCK, "lock-version")
        return _from_pylock(request)
    raise missing(request.project)


def _from_uv_lock(request: EnvironmentRequest, lock: Lock) -> EnvironmentInstall:
    project, python = request.project, str(request.interpreter.executable)
    text = project.text(lock.file)
    locked = read_lock(text)
    lock = lock.of(locked or ())
    packages = _chosen(request, lock, text, locked or ())
    name = lock.workspace.name
    _refuse_lost(request, lock, packages)
    loose = ", ".join(p.name for p in packages if not p.is_pinned)
    unproved = f"{lock.file} has no hash for {loose}" if loose else ""
    if locked is None:
        unproved = f"{lock.file} is not in the form that uv writes"
    local = {p: digest for p in packages if (digest := _local_digest(request, p, name(p.source)))}
    configuration = configuration_inputs(project, request.environment, lock.script)
    choices = _choices(request)
    if lock.script and choices.keys() - {"editable"}:
        raise installed_whole(lock.file, choices, "Remove these settings.")
    options = (_OPTIONS[name].format(value) for name, values in choices.items() for value in values)
    frozen = request.settings.frozen
    of_script = (f"--script={lock.script}",) if lock.script else ()
    arguments = (
        "sync",
        "--frozen" if frozen else "--locked",
        *((*of_script, "--active") if lock.script else ("--no-default-groups",)),
        *options,
    )
    stale = f"If uv says that {LOCK_FILE} needs to be updated, run `{lock.command}`, and commit {lock.file}."
    update = Update(
        archives=archive_digests(
            ((f"{p.name}=={p.version}", [local.get(p, p.digest)]) for p in packages), configuration
        ),
        # `uv sync --locked` checks this itself. A check before it would add half of the time of a small update.
        diagnosis=()
        if frozen
        else (
            command(
                request,
                ("lock", "--check", *of_script, f"--python={python}"),
                shown=" ".join(("uv lock --check", *of_script)),
                stale=stale,
                lock=lock,
            ),
        ),
    )
    archives = partial(archives_of, project, lock)
    proved = Locked(update=update, archives=archives)
    return EnvironmentInstall(
        inputs={
            lock.file: f"sha256:{project.digest(lock.file)}"
            if len(packages) == len(locked or ())
            else f"sha256:{digest_of_part(text, packages)}",
            **_declarations(project, lock, packages),
            **{f"{p.name} in {name(p.source)}": f"sha256:{digest}" for p, digest in local.items()},
            **configuration,
        },
        commands=(
            command(
                request,
                (*arguments, f"--python={python}", _NO_BYTECODE),
                shown=f"uv {' '.join(arguments)}",
                stale=stale,
                lock=lock,
            ),
        ),
        sameness=Unprovable(unproved, archives=archives) if unproved else proved,
        keeps_cache=False,
        shares=None if unproved else SHARED,
        warnings=(*((_frozen(lock),) if frozen else ()), *_all_members(request, lock, packages)),
    )


def _refuse_lost(request: EnvironmentRequest, lock: Lock, packages: Iterable[LockedPackage]) -> None:
    for package in (p for p in packages if p.is_project or p.kind == "path"):
        try:
            request.project.refuse_lost(lock.workspace.name(package.source), lock.file)
        except UserError:
            from layerwright_uv.expected import expected

            # When it checks the lock file, uv reads all of them; otherwise only those that it installs.
            needed = expected(request) if request.settings.frozen else None
            if needed is None or package.name in needed.names:
                raise


def _declarations(project: Project, lock: Lock, packages: Iterable[LockedPackage]) -> dict[str, str]:
    """Return the digest of everything that the lock file must agree with, except for local code."""
    names = {lock.workspace.name(f"{p.source}/pyproject.toml") for p in packages if p.is_project}
    if not lock.script:
        found = {"pyproject.toml", lock.workspace.name("pyproject.toml"), *names}
        return {name: f"sha256:{project.digest(name)}" for name in sorted(found)}
    # Only the metadata of the script: its code is not installed.
    metadata = repr(inline_metadata(project, lock.script))
    return {
        f"metadata of {lock.script}": f"sha256:{_digest(metadata)}",
        # Not hidden from a script, unlike a name without a slash.
        **{name: f"sha256:{project.digest(f'./{name}')}" for name in sorted(names)},
    }


def _all_members(
    request: EnvironmentRequest, lock: Lock, packages: Iterable[LockedPackage]
) -> tuple[str, ...]:
    """Return a warning if the root of a workspace has no project of its own, so that every member is installed."""
    members = [p for p in packages if p.is_project]
    is_one = (
        request.settings.package or lock.script or any(p.source == lock.workspace.member for p in members)
    )
    if is_one or len(members) < _SEVERAL:
        return ()
    shown = ", ".join(p.source for p in members[:_MOST_SHOWN]) + (", …" if len(members) > _MOST_SHOWN else "")
    directory = os.path.relpath(request.project.path(members[0].source), request.project.tree)
    return (
        f"All members of the workspace are installed: {shown}.\n"
        f"To build one, choose its directory: layerwright build . --app {shlex.quote(directory)}",
    )


def _frozen(lock: Lock) -> str:
    return (
        f"{lock.file} is installed without checking that it matches {lock.declaration}, because uv.frozen is set.\n"
        f"When it should match again, run `{lock.command}`, and remove the setting."
    )


def _from_pylock(request: EnvironmentRequest) -> EnvironmentInstall:
    choices = _choices(request)
    if choices:
        raise installed_whole(
            PYLOCK,
            choices,
            f"Commit {LOCK_FILE},",
            f"or select when you write {PYLOCK}: uv export --format pylock.toml",
        )
    arguments = ("pip", "sync", "--require-hashes", PYLOCK)
    return EnvironmentInstall(
        inputs={
            PYLOCK: f"sha256:{request.project.digest(PYLOCK)}",
            **configuration_inputs(request.project, request.environment),
        },
        commands=(
            command(
                request,
                (*arguments, f"--python={request.venv}", _NO_BYTECODE),
                shown=f"uv {' '.join(arguments)}",
                stale=f"If {PYLOCK} lacks a hash, write it again: every archive must have one.",
                lock=Lock(),
            ),
        ),
        sameness=Locked(archives=lambda: locked_archives(request.project.toml(PYLOCK).get("packages"))),
        keeps_cache=False,
        shares=SHARED,
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


def _chosen(
    request: EnvironmentRequest, lock: Lock, text: str, packages: tuple[LockedPackage, ...]
) -> tuple[LockedPackage, ...]:
    """Return those of *packages* that the member of the workspace may need: others must not rebuild it."""
    projects = [package for package in packages if package.is_project]
    if request.settings.package:
        roots = {normalised_name(request.settings.package)}
    else:
        roots = {package.name for package in projects if package.source == lock.workspace.member}
    return chosen(text, packages, roots) if roots and len(projects) > 1 else packages


def _local_digest(request: EnvironmentRequest, package: LockedPackage, source: str) -> str:
    if package.kind == "path":
        return request.project.digest(source)
    if package.kind in {"directory", "editable"}:
        editable = package.kind == "editable" and request.settings.editable
        keys = tuple(cache_keys(request.project, source, request.environment))
        found = digest_of(request.project, source, editable=editable)
        return _digest(found, *keys) if keys else found
    return ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
