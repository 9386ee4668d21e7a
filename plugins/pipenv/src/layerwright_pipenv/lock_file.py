"""Read ``Pipfile.lock``, as far as a build needs it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from layerwright import UserError, VersionSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Project

__all__ = ["LOCK", "is_pinned", "python_bounds", "read_lock", "section", "source_variables", "sources"]

LOCK: Final = "Pipfile.lock"
_LOCK_AGAIN: Final = f"Run `pipenv lock`, and commit {LOCK}."
_SECTIONS: Final = {"packages": "default", "dev-packages": "develop"}


def read_lock(project: Project) -> Mapping[str, Any]:
    """Return the lock file of *project*. Raises ``UserError`` if it is missing or is not a lock file of Pipenv."""
    if not project.exists(LOCK):
        raise UserError(
            f"There is no {LOCK}.",
            cause="Without it, Pipenv would choose versions itself, possibly different ones in every build.",
            remedy=_LOCK_AGAIN,
            reference="missing-pipfile-lock",
        )
    try:
        lock = json.loads(project.text(LOCK))
    except (ValueError, RecursionError) as error:
        raise _not_a_lock(f"It is not JSON: {error}.") from error
    if not (isinstance(lock, dict) and all(isinstance(value, dict) for value in lock.values())):
        raise _not_a_lock("It is not an object of objects.")
    meta = lock.get("_meta", {})
    sources = meta.get("sources", [])
    if not (_is_list_of_objects(sources) and isinstance(meta.get("requires", {}), dict)):
        raise _not_a_lock("Its sources are no list of objects, or requires is no object.")
    for name, packages in lock.items():
        wrong = [package for package, entry in packages.items() if name != "_meta" and not _is_package(entry)]
        if wrong:
            raise _not_a_lock(f"Its {name} does not say what {wrong[0]} is.")
    return lock


def section(category: str) -> str:
    """Return the section of the lock file for the Pipfile's *category*."""
    return _SECTIONS.get(category, category)


def is_pinned(package: Mapping[str, Any]) -> bool:
    """Return whether the lock file's entry *package* is one thing for ever: by its hashes, or by its commit."""
    # Pipenv writes the commit there, but a name of a branch is there as well if someone has edited the file.
    commit = re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", str(package.get("ref")))
    return bool(package.get("hashes")) or commit is not None


def sources(project: Project) -> tuple[str, ...]:
    """Return the URLs of the sources in the lock file of *project*."""
    found = read_lock(project).get("_meta", {}).get("sources", ())
    return tuple(str(source["url"]) for source in found if "url" in source)


def source_variables(lock: Mapping[str, Any]) -> frozenset[str]:
    """Return the environment variables in the URLs of *lock*'s sources, which hold credentials."""
    urls = (str(source.get("url")) for source in lock.get("_meta", {}).get("sources", ()))
    return frozenset(name for url in urls for name in re.findall(r"\$\{?(\w+)", url))


def python_bounds(project: Project) -> VersionSource | None:
    """Return the Python that the lock file requires, as it was in the Pipfile, if it names one."""
    requires = read_lock(project).get("_meta", {}).get("requires", {}) if project.exists(LOCK) else {}
    # An asterisk allows every version.
    keys = (key for key in ("python_full_version", "python_version") if requires.get(key, "*") != "*")
    key = next(keys, None)
    if key is None:
        return None
    value = str(requires[key])
    exactly = f"=={value}" if value.count(".") > 1 else f"=={value}.*"
    return VersionSource(
        origin=f"{key} in {LOCK}",
        value=value,
        # Newer versions of Pipenv allow specifiers here (PEP 440).
        specifier=exactly if value[:1].isdigit() else value,
    )


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_package(entry: object) -> bool:
    return isinstance(entry, dict) and all(
        isinstance(entry.get(key, ""), str) for key in ("version", "path", "file")
    )


def _not_a_lock(cause: str) -> UserError:
    return UserError(
        f"{LOCK} is not a lock file of Pipenv.",
        cause=cause,
        remedy=_LOCK_AGAIN,
        reference="bad-pipfile-lock",
    )
