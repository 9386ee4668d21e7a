"""How Pipenv fills the virtual environment, and the inputs that determine the result."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Final

from layerwright import (
    Command,
    EnvironmentInstall,
    Expected,
    Locked,
    LockedArchive,
    SecretStr,
    Unprovable,
    Update,
    UserError,
    marker_applies,
)
from layerwright_pipenv.lock_file import LOCK, is_pinned, read_lock, section, source_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from layerwright import Diagnosis, EnvironmentRequest

__all__ = ["environment", "expected"]

_NEVER_REMOVED: Final = frozenset({"distribute", "pip", "pkg-resources", "setuptools", "wheel"})
# With these, pip installs something else from the same lock file.
_COUNTED: Final = (
    "PIP_CONFIG_SETTINGS",
    "PIP_GLOBAL_OPTION",
    "PIP_NO_BINARY",
    "PIP_NO_BUILD_ISOLATION",
    "PIP_ONLY_BINARY",
    "PIP_PREFER_BINARY",
    "PIP_USE_PEP517",
)
_REMEDY: Final = (
    f"If {LOCK} is out of date, run `pipenv lock`, and commit it.",
    "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
    "If the package index could not be reached, check the sources of the Pipfile and the variables in their URLs.",
)


def environment(request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how to install what the lock file says.

    Its hashes pin every archive, so equal inputs prove an equal result.
    """
    project, python = request.project, request.interpreter.version
    for name in ("Pipfile", LOCK):
        project.refuse_outside(name)
    lock = read_lock(project)
    categories = _categories(request)
    packages = _packages(lock, categories)
    local = _local(packages)
    for name, place in local.items():
        try:
            project.refuse_lost(place, LOCK)
        except UserError:
            if marker_applies(packages[name].get("markers"), python):
                raise
    digests = {place: f"sha256:{project.digest(place)}" for place in local.values()}
    pip = {name: request.environment[name] for name in _COUNTED if request.environment.get(name)}
    loose = [n for n, p in packages.items() if n not in local and not is_pinned(p)]
    # `pipenv clean` reads that file if there is one, but `pipenv sync` does not.
    by_pylock = any(path.name.endswith(".toml") for path in project.root.glob("pylock.*"))
    clean = () if by_pylock else (_pipenv(request, lock, "clean"),)
    return EnvironmentInstall(
        inputs={
            **{name: f"sha256:{project.digest(name)}" for name in ("Pipfile", LOCK)},
            **digests,
            **pip,
        },
        first=(_pipenv(request, lock, "verify"),),
        commands=(
            _pipenv(request, lock, "sync", f"--categories={' '.join(categories)}"),
            *clean,
        ),
        sameness=Unprovable(
            f"{LOCK} has no hash for {', '.join(loose)}", archives=lambda: _archives(packages)
        )
        if loose
        else Locked(
            update=None
            if by_pylock
            else Update(
                archives={
                    f"{name}{package.get('version', '==')}": _digest(
                        [package, digests.get(local.get(name, "")), pip]
                    )
                    for name, package in packages.items()
                },
                keeps=_never_removed(lock, packages),
            ),
            archives=lambda: _archives(packages),
        ),
    )


def _archives(packages: Mapping[str, Mapping[str, Any]]) -> Iterator[LockedArchive]:
    """Yield an archive for each hash of *packages*: the lock file does not name the files."""
    for name, package in packages.items():
        version = str(package.get("version", "")).removeprefix("==")
        yield from (LockedArchive(name=name, version=version, hashes=(h,)) for h in package.get("hashes", ()))


def expected(request: EnvironmentRequest) -> Expected:
    """Return the distributions of the lock file that are installed on this machine."""
    packages, python = (
        _packages(read_lock(request.project), _categories(request)),
        request.interpreter.version,
    )
    there = (name for name, package in packages.items() if marker_applies(package.get("markers"), python))
    return Expected(names=frozenset(there), source=LOCK)


def _categories(request: EnvironmentRequest) -> tuple[str, ...]:
    settings = request.settings
    more = settings.test_categories if request.exec_env == "test" else ()
    return tuple(dict.fromkeys(("packages", *settings.categories, *more)))


def _packages(lock: Mapping[str, Any], categories: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Return the entries of *lock* in *categories*, by normalised name."""
    unknown = [category for category in categories if section(category) not in lock]
    if unknown:
        raise UserError(
            f"{LOCK} has no category {', '.join(unknown)}.",
            cause="Pipenv would install nothing for it, and say nothing.",
            remedy=(
                "Correct categories or test-categories in [tool.layerwright.pipenv],",
                f"or add the category to the Pipfile, run `pipenv lock`, and commit {LOCK}.",
            ),
            reference="pipfile-category",
        )
    return {name: package for category in categories for name, package in lock[section(category)].items()}


def _local(packages: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the paths of those *packages* that are directories or archives on this machine."""
    places = {name: package.get("path") or package.get("file", "") for name, package in packages.items()}
    return {name: place for name, place in places.items() if place and "://" not in place}


def _never_removed(lock: Mapping[str, Any], packages: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Return the distributions that ``pipenv clean`` never removes, even if nothing requires them."""
    # It reads all sections of the lock file, whatever categories are installed.
    left = _NEVER_REMOVED.union(*(names for key, names in lock.items() if key != "_meta"))
    # Not with `-`: taking the keys of a dictionary from a frozenset gives a set.
    return left.difference(packages)


def _pipenv(request: EnvironmentRequest, lock: Mapping[str, Any], *arguments: str) -> Command:
    secrets = source_variables(lock) & request.environment.keys()
    return Command(
        argv=(str(request.tool.layer / "bin" / "pipenv"), *arguments),
        env={
            **{name: SecretStr(request.environment[name]) for name in sorted(secrets)},
            # Inside `pipenv run`, Pipenv ignores VIRTUAL_ENV.
            "PIPENV_ACTIVE": None,
            "PIPENV_CACHE_DIR": str(request.cache),
            # Its variables would replace all of these, and reach the builds of distributions.
            "PIPENV_DONT_LOAD_ENV": "1",
            "PIPENV_NOSPIN": "1",
            # Without this, Pipenv also looks in the parent directories.
            "PIPENV_PIPFILE": str(request.project.path("Pipfile")),
            # The user's and the machine's files could change what is built. Newer versions of Pipenv read none either.
            "PIP_CONFIG_FILE": os.devnull,
            # Core compiles what changed, once.
            "PIP_NO_COMPILE": "1",
            "VIRTUAL_ENV": str(request.venv),
        },
        cwd=request.project.root,
        shown=f"pipenv {' '.join(arguments)}",
        remedy=_REMEDY,
        reference="pipenv-failed",
        diagnoses=_diagnoses,
    )


def _diagnoses() -> tuple[Diagnosis, ...]:
    # Only a failure needs them.
    from layerwright_pipenv.diagnoses import diagnoses

    return diagnoses()


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
