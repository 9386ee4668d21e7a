"""What uv will install from a lock file, found by following its graph like ``uv sync``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerwright import Expected, marker_applies
from layerwright_uv.lock_file import PYLOCK, lock_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import EnvironmentRequest
    from layerwright_uv.lock_file import Lock

__all__ = ["expected"]

Table = dict[str, Any]


def expected(request: EnvironmentRequest) -> Expected | None:
    """Return the distributions of uv's lock file, or of ``pylock.toml``, that are chosen for this machine."""
    own = lock_of(request.project)
    if own is not None:
        return Expected(names=frozenset(_Graph(request, own).names()), source=own.file)
    if not request.project.exists(PYLOCK):
        return None
    lock = request.project.toml(PYLOCK)
    groups, python = lock.get("default-groups"), request.interpreter.version
    chosen = [str(name) for name in groups] if isinstance(groups, list) else []
    packages = _tables(lock.get("packages"))
    there = (p for p in packages if marker_applies(p.get("marker"), python, groups=chosen))
    return Expected(names=frozenset(str(p.get("name")) for p in there), source=PYLOCK)


@dataclass(frozen=True)
class _Wanted:
    """A distribution or an extra of it. An empty *version* means every version in the lock file."""

    name: str
    version: str = ""
    extra: str = ""


class _Graph:
    def __init__(self, request: EnvironmentRequest, own: Lock) -> None:
        self._settings = request.settings
        more = request.settings.test_groups if request.exec_env == "test" else ()
        self._groups = tuple(dict.fromkeys((*request.settings.groups, *more)))
        self._python = request.interpreter.version
        self._member = own.workspace.member
        lock = request.project.toml(own.file)
        self._packages = _tables(lock.get("package"))
        self._manifest = lock.get("manifest")

    def names(self) -> Iterator[str]:
        """Yield the name of each distribution that is installed."""
        roots = list(self._roots())
        # The lock file tells conflicting extras and groups apart by markers with these names.
        self._chosen = [
            f"{kind}-{len(root)}-{root}-{name}"
            for root in roots
            for kind, names in (("extra", self._settings.extras), ("group", self._groups))
            for name in names
        ]
        wanted = [_Wanted(root, extra=extra) for root in roots for extra in ("", *self._settings.extras)]
        # The lock file of a script has no package for the script itself.
        wanted += self._required(_table(self._manifest).get("requirements"))
        wanted += self._grouped(_table(_table(self._manifest).get("dependency-groups")))
        for root in roots:
            for package in self._named(_Wanted(root)):
                wanted += self._grouped(_table(package.get("dev-dependencies")))
        seen = set(wanted)
        while wanted:
            one = wanted.pop()
            for package in self._named(one):
                if not one.extra and "virtual" not in _table(package.get("source")):
                    yield one.name
                optional = _table(package.get("optional-dependencies"))
                required = optional.get(one.extra) if one.extra else package.get("dependencies")
                more = set(self._required(required)) - seen
                seen |= more
                wanted += more

    def _roots(self) -> Iterator[str]:
        """Yield the configured package, the project itself, or the members of the workspace."""
        if self._settings.package:
            yield self._settings.package
            return
        own = [p for p in self._packages if self._member in _table(p.get("source")).values()]
        members = _table(self._manifest).get("members")
        if own:
            yield from (str(p.get("name")) for p in own)
        elif isinstance(members, list):
            yield from map(str, members)

    def _named(self, wanted: _Wanted) -> Iterator[Table]:
        for package in self._packages:
            if package.get("name") == wanted.name and wanted.version in ("", package.get("version")):
                yield package

    def _grouped(self, groups: Mapping[str, Any]) -> Iterator[_Wanted]:
        for name in self._groups:
            yield from self._required(groups.get(name))

    def _required(self, dependencies: Any) -> Iterator[_Wanted]:
        for one in _tables(dependencies):
            if marker_applies(one.get("marker"), self._python, extras=self._chosen):
                name, version = str(one.get("name")), str(one.get("version", ""))
                extras = one.get("extra") or one.get("extras")
                for extra in ("", *(map(str, extras) if isinstance(extras, list) else ())):
                    yield _Wanted(name, version, extra)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: Any) -> list[Table]:
    return [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []
