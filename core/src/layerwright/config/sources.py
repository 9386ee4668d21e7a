"""What is configured, as it was written: by the environment, ``layerwright.toml`` and ``pyproject.toml``.

Mostly the detect phase needs nothing else, so this imports next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from layerwright.project import Project

__all__ = [
    "FILES",
    "NOT_SETTINGS",
    "PACKAGE_MANAGER",
    "PACKAGE_MANAGERS",
    "Given",
    "Key",
    "Raw",
    "Sources",
    "origin_in",
    "read_sources",
    "variable",
]

Key = tuple[str, ...]
"""A dotted key, in its parts: ``("pip", "launch")``. A process type may contain dots itself."""

PREFIX: Final = "LAYERWRIGHT_"
FILES: Final[Mapping[str, Key]] = {"layerwright.toml": (), "pyproject.toml": ("tool", "layerwright")}
"""The files that are read, strongest first, and the table of each that is ours."""
NOT_SETTINGS: Final = frozenset({f"{PREFIX}{name}" for name in ("CACHE_DIR", "DISABLE_PLUGINS", "LIFECYCLE")})
"""Variables that are about Layerwright itself, not about an application."""
PACKAGE_MANAGER: Final = ("package-manager",)
PACKAGE_MANAGERS: Final = "package-managers"
"""The table whose tables declare package managers."""


class Raw(NamedTuple):
    """A value as it was written, and where.

    It is ``text`` when it is from a variable, and so has no type, and ``given`` when it is not the application's own.
    """

    value: Any
    origin: str
    text: bool = False
    given: bool = False


class Given(NamedTuple):
    """Tables that someone other than the application and its user gives, with who that is, in words."""

    giver: str
    tables: Mapping[str, Any]


class Sources:
    """What the *files*, parsed, and the *environment* say about each key, and what was *given*, strongest first.

    An empty variable counts as none, and what was given only where neither files nor variables say anything.
    ``ConfigurationError``: our table in one of the files is not a table.
    """

    def __init__(
        self,
        files: Mapping[str, Mapping[str, Any]],
        environment: Mapping[str, str],
        given: Sequence[Given] = (),
    ) -> None:
        self.environment = {
            name: text
            for name, value in sorted(environment.items())
            # Stripped, because the file of a platform's variable often ends with a newline that nobody meant.
            if name.startswith(PREFIX) and name not in NOT_SETTINGS and (text := value.strip())
        }
        self.left_out: frozenset[str] = frozenset()
        self._in_files: dict[Key, list[Raw]] = {}
        for file in FILES:
            self._add(origin_in(file, ("",)), _ours(file, files.get(file, {})))
        for giver, tables in given:
            self._add(f"{giver}: ", tables, given=True)

    def without(self, tables: Iterable[str]) -> Sources:
        """Return the same sources, of which *tables* are not read, so that anything may be in them."""
        from copy import copy

        same = copy(self)
        same.left_out = frozenset(tables)
        return same

    @property
    def package_manager(self) -> tuple[str, str] | None:
        """The configured name, with its origin: all that most detect phases need."""
        return self._package_manager(given=False)

    @property
    def given_package_manager(self) -> tuple[str, str] | None:
        """The name that counts where the files of an application leave a choice, with its origin."""
        return self._package_manager(given=True)

    def _package_manager(self, *, given: bool) -> tuple[str, str] | None:
        raw = next((raw for raw in self.raws(PACKAGE_MANAGER) if raw.given is given), None)
        if raw is None:
            return None
        value, origin = raw.value, raw.origin
        if not isinstance(value, str):
            from layerwright.config.values import shown

            raise ConfigurationError([f"{origin} must be a string, not {shown(value)}"])
        return value, origin

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key of the files: tables, and what is directly in them."""
        return tuple(self._in_files)

    def raws(self, key: Key) -> tuple[Raw, ...]:
        """Return the values of *key*, strongest first."""
        name = variable(key)
        set_here = [Raw(self.environment[name], name, text=True)] if name in self.environment else []
        return (*set_here, *self.in_files(key))

    def in_files(self, key: Key) -> tuple[Raw, ...]:
        """Return the values of *key* in the files alone."""
        return tuple(self._in_files.get(key, ()))

    def keys_in(self, table: str) -> frozenset[str]:
        """Return the keys of *table* that may have values: a variable's name could mean another table's as well."""
        prefix = variable((table, ""))
        of_variables = {
            name.removeprefix(prefix).lower().replace("_", "-")
            for name in self.environment
            if name.startswith(prefix)
        }
        return frozenset(
            {key[1] for key in self._in_files if key[0] == table and len(key) > 1} | of_variables
        )

    def _add(self, place: str, table: Mapping[str, Any], above: Key = (), *, given: bool = False) -> None:
        for name, value in table.items():
            key = (*above, name)
            raw = Raw(value, f"{place}{'.'.join(key)}", given=given)
            self._in_files.setdefault(key, []).append(raw)
            if isinstance(value, dict) and not above:
                self._add(place, value, key, given=given)


def read_sources(project: Project, environment: Mapping[str, str], given: Sequence[Given] = ()) -> Sources:
    """Read what *project* and *environment* configure, beside what is *given*.

    ``UserError``: one of the files is malformed, or lies outside of the application. Messages show the values of
    settings, and package managers print the lines of ``pyproject.toml`` that they refuse.
    """
    for file in FILES:
        project.refuse_outside(file)
    return Sources({file: project.toml(file) for file in FILES}, environment, given)


def variable(key: Key) -> str:
    """Return the name of the environment variable for *key*."""
    return PREFIX + "_".join(key).upper().replace("-", "_").replace(".", "_")


def origin_in(file: str, key: Key) -> str:
    """Return the words for *key* in *file*: ``pyproject.toml: tool.layerwright.pip.launch``."""
    return f"{file}: {'.'.join((*FILES[file], *key))}"


def _ours(file: str, tree: Mapping[str, Any]) -> Mapping[str, Any]:
    for depth, name in enumerate(FILES[file], start=1):
        tree = tree.get(name, {})
        if not isinstance(tree, dict):
            raise ConfigurationError([f"{file}: {'.'.join(FILES[file][:depth])} must be a table"])
    return tree
