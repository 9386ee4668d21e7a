"""The virtual environment of a declared package manager: its inputs and its commands."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from layerwright.contract.locked import archive_digests, locked_archives
from layerwright.contract.sameness import Locked, Unprovable, Update
from layerwright.contract.values.environment import EnvironmentInstall
from layerwright.errors import UserError
from layerwright.plugins.declarative._lock_file import has_distributions, locked, value_at
from layerwright.plugins.declarative._options import expanded, options
from layerwright.plugins.declarative._placeholders import filled
from layerwright.process.command import Command
from layerwright.process.redaction import SecretStr, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from layerwright.contract.locked import LockedArchive, LockEntry
    from layerwright.contract.values.environment import EnvironmentRequest
    from layerwright.files.project import Project
    from layerwright.plugins.declarative._model import (
        Declaration,
        DiagnosisTable,
        EnvironmentTable,
        InputsTable,
        LockTable,
    )
    from layerwright.process.failures.diagnosis import Diagnosis

__all__ = ["describe_environment"]


def describe_environment(declaration: Declaration, request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how to fill the virtual environment. Without a lock file, nothing proves the result."""
    table, project = declaration.environment, request.project
    lock = table.lock
    if lock is not None and not project.exists(lock.file):
        raise _missing(declaration, lock)
    if lock is not None:
        project.refuse_outside(lock.file)
    entries = locked(project, lock) if lock else ()
    digests = {path: project.digest(path) for entry in entries for path in entry.paths}
    absent = {path for path, digest in digests.items() if digest == "absent"}
    if absent:
        from layerwright.plugins.declarative._expected import refuse_lost

        refuse_lost(declaration, request, absent)
    local = {path: f"sha256:{digest}" for path, digest in digests.items() if path not in absent}
    tools_own = _tools_own(table, request)
    unproved = _unproved(lock, entries, local, project)
    archives = archive_digests(
        ((entry.key, (*entry.pins, *(local[p] for p in entry.paths if p in local))) for entry in entries),
        tools_own,
    )
    update = Update(archives=archives, keeps=frozenset(table.never_removes))
    return EnvironmentInstall(
        inputs={
            # Before the files: any of them may be among these, and then counts as a whole.
            **dict(_tables(table.inputs, project)),
            **({lock.file: f"sha256:{project.digest(lock.file)}"} if lock else {}),
            **{path: local[path] for path in sorted(local)},
            **tools_own,
            # Editable installations of the application and of its directories contain this path.
            "application directory": str(project.root),
        },
        first=_commands(table.first, declaration, request),
        commands=_commands(table.commands, declaration, request),
        sameness=Unprovable(unproved, archives=_archives(lock, project))
        if unproved
        else Locked(update=update if table.converges else None, archives=_archives(lock, project)),
    )


def _archives(lock: LockTable | None, project: Project) -> Callable[[], Iterable[LockedArchive]] | None:
    """Return a function that returns the archives that a lock file in TOML names."""
    if lock is None or lock.form != "toml":
        return None
    return lambda: locked_archives(value_at(project.toml(lock.file), lock.packages or ""))


def _missing(declaration: Declaration, lock: LockTable) -> UserError:
    write = f"Run `{lock.written_by}`, and commit {lock.file}." if lock.written_by else f"Commit {lock.file}."
    return UserError(
        f"There is no {lock.file}.",
        cause=f"{declaration.display_name} installs what it locks; without it, builds would choose versions.",
        remedy=write,
        reference="missing-lock-file",
    )


def _unproved(
    lock: LockTable | None, entries: Sequence[LockEntry], local: Mapping[str, str], project: Project
) -> str:
    if lock is None:
        return "no lock file records what is installed"
    # The lock file of an application without dependencies has no entry either.
    if lock.form == "toml" and not entries and has_distributions(project.toml(lock.file), lock):
        return f"{lock.file} has no [[{lock.packages}]]"
    if any(not entry.key for entry in entries):
        return f"{lock.file} has an entry without a name"
    loose = [
        entry.key.partition("==")[0]
        for entry in entries
        # Existing files of the application are read.
        if not entry.pins and not (entry.paths and all(path in local for path in entry.paths))
    ]
    by = {"requirements": "version and hash", "json": "hashes or ref"}.get(
        str(lock.form), " or ".join(lock.pins)
    )
    return f"{lock.file} does not pin {', '.join(loose)} by {by}" if loose else ""


def _tools_own(table: EnvironmentTable, request: EnvironmentRequest) -> dict[str, str]:
    """Return settings of the tool itself that may change the result of the same lock file."""
    project, environment, inputs = request.project, request.environment, table.inputs
    secrets = _matching(table.secrets, environment)
    home = environment.get("HOME", "")
    paths = {name: home + name[1:] if name.startswith("~/") else name for name in inputs.files}
    for name in inputs.files:
        # The others belong to the user, not to the application.
        if not name.startswith(("~", "/")):
            project.refuse_outside(name)
    digests = {name: project.digest(path) for name, path in paths.items()}
    return {
        **{name: f"sha256:{digest}" for name, digest in digests.items() if digest != "absent"},
        **{
            name: redacted(environment[name])
            for name in _matching(inputs.variables, environment)
            if name not in secrets
        },
    }


def _tables(inputs: InputsTable, project: Project) -> Iterator[tuple[str, str]]:
    for file, keys in inputs.tables.items():
        tree = project.toml(file)
        yield file, f"sha256:{_digest([value_at(tree, key) for key in keys])}"


def _commands(
    commands: Iterable[tuple[str, ...]], declaration: Declaration, request: EnvironmentRequest
) -> tuple[Command, ...]:
    values = {
        "tool": str(request.tool.layer),
        "venv": str(request.venv),
        "python": str(request.interpreter.executable),
        "project": str(request.project.root),
        "version": request.tool.version,
        "cache": str(request.cache),
    }
    table, environment = declaration.environment, request.environment
    env: dict[str, str | SecretStr | None] = {
        **{name: SecretStr(environment[name]) for name in _matching(table.secrets, environment)},
        **{name: filled(value, values) for name, value in table.env.items()},
    }
    given = options(declaration.settings, request.settings, request.exec_env)
    described = ((command[0], expanded(command, given, values)) for command in commands)
    return tuple(
        Command(
            argv=words,
            env=env,
            cwd=request.project.root,
            shown=_shown(words, first),
            remedy=_remedy(declaration),
            reference=f"{declaration.name}-failed",
            diagnoses=_Diagnoses(declaration.display_name, table.diagnoses),
        )
        for first, words in described
    )


@dataclass(frozen=True)
class _Diagnoses:
    """Returns the diagnoses of a declaration, and those for every tool; a class, to be equal in each description."""

    display_name: str
    own: tuple[DiagnosisTable, ...]

    def __call__(self) -> tuple[Diagnosis, ...]:
        # Only a failure needs them.
        from layerwright.contract.failures.install import install_diagnoses

        own = (table.diagnosis() for table in self.own)
        return (*own, *install_diagnoses(index=f"the index settings of {self.display_name}"))


def _remedy(declaration: Declaration) -> tuple[str, ...]:
    name, lock = declaration.display_name, declaration.environment.lock
    stale = ""
    if lock is not None:
        how = f"run `{lock.written_by}` and" if lock.written_by else "update it and"
        stale = f"If {lock.file} does not match the application, {how} commit {lock.file}."
    steps = (
        stale,
        "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
        f"If the package index could not be reached, check {name}'s index settings, then build again.",
    )
    return tuple(filter(None, steps))


def _shown(words: tuple[str, ...], first: str) -> str:
    """Return *words* as a user would type them: with the program's name instead of its path."""
    import shlex

    name = "python" if first == "{python}" else words[0].rpartition("/")[2]
    return shlex.join((name, *words[1:]))


def _matching(patterns: Iterable[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables of *environment* that match *patterns*, in which ``*`` is any characters."""
    wanted = tuple(patterns)
    return tuple(name for name in sorted(environment) if any(fnmatchcase(name, each) for each in wanted))


def _digest(value: object) -> str:
    # TOML also has dates, which JSON does not.
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
