"""The configuration as it is written: in the environment, ``layerwright.toml`` and ``pyproject.toml``.

The detect phase usually needs nothing else, so this imports next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from layerwright.files.project import Project

__all__ = [
    "APP_DIR",
    "BUNDLE",
    "FILES",
    "INDEX_PREFIX",
    "NOT_SETTINGS",
    "PACKAGE_MANAGER",
    "PACKAGE_MANAGERS",
    "POLICY",
    "Given",
    "Key",
    "Raw",
    "Sources",
    "origin_in",
    "read_sources",
    "variable",
]

Key = tuple[str, ...]
"""The parts of a dotted key: ``("pip", "launch")``. A process type may contain dots itself."""

PREFIX: Final = "LAYERWRIGHT_"
FILES: Final[Mapping[str, Key]] = {"layerwright.toml": (), "pyproject.toml": ("tool", "layerwright")}
"""The configuration files, strongest first, each with the path of our table."""
_IN_SCRIPTS: Final = ("tool", "layerwright")
INDEX_PREFIX: Final = f"{PREFIX}INDEX_"
"""The beginning of the variables that describe package indexes: they are no settings."""
NOT_SETTINGS: Final = frozenset(
    {
        f"{PREFIX}{name}"
        for name in ("BUNDLE", "CACHE_DIR", "DISABLE_PLUGINS", "LIFECYCLE", "LOG", "SCRIPT", "STORE")
    }
)
"""Variables that configure Layerwright itself, not an application."""
BUNDLE: Final = f"{PREFIX}BUNDLE"
"""The variable with the directory of the bundle that a build uses instead of a network."""
STORE: Final = f"{PREFIX}STORE"
"""The variable with the directory of the store of layers."""
APP_DIR: Final = ("app-dir",)
"""The directory in the source tree that is the application; it is read only at the top of the tree."""
PACKAGE_MANAGER: Final = ("package-manager",)
PACKAGE_MANAGERS: Final = "package-managers"
"""The table whose tables declare package managers."""
POLICY: Final = "policy"
"""The table of rules about what may be installed, which every source can only make stricter."""


class Raw(NamedTuple):
    """A value as it was written, and its origin.

    It is ``text`` if it comes from a variable and so has no type, and ``given`` if it comes from outside the
    application.
    """

    value: Any
    origin: str
    text: bool = False
    given: bool = False


class Given(NamedTuple):
    """Tables that come from neither the application nor its user, with their origin as text.

    ``text``: they come from variables, so their strings have no type.
    """

    giver: str
    tables: Mapping[str, Any]
    text: bool = False


class Sources:
    """The values of each key in the *environment*, in the parsed *files*, and in the *given* tables, strongest first.

    A file that is none of :data:`FILES` is a script with inline metadata.

    An empty variable is ignored; given values apply only if neither files nor variables set the key.
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
            # Stripped, because files of a platform's variables often end with an accidental newline.
            if name.startswith(PREFIX)
            and name not in NOT_SETTINGS
            and not name.startswith(INDEX_PREFIX)
            and (text := value.strip())
        }
        self.left_out: frozenset[str] = frozenset()
        self._in_files: dict[Key, list[Raw]] = {}
        for file in (*(name for name in files if name not in FILES), *FILES):
            self._add(origin_in(file, ("",)), _ours(file, files.get(file, {})))
        for one in given:
            self._add(f"{one.giver}: ", one.tables, given=True, text=one.text)

    def without(self, tables: Iterable[str]) -> Sources:
        """Return the same sources without *tables*, whose content is then not checked."""
        from copy import copy

        same = copy(self)
        same.left_out = frozenset(tables)
        return same

    @property
    def package_manager(self) -> tuple[str, str] | None:
        """Return the configured name with its origin, which is all that most detect phases need."""
        return self._package_manager(given=False)

    @property
    def given_package_manager(self) -> tuple[str, str] | None:
        """Return the name that decides if the files of an application leave a choice, with its origin."""
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
        """Return every key of the files: tables and top-level keys."""
        return tuple(self._in_files)

    def raws(self, key: Key) -> tuple[Raw, ...]:
        """Return the values of *key*, strongest first."""
        name = variable(key)
        set_here = [Raw(self.environment[name], name, text=True)] if name in self.environment else []
        return (*set_here, *self.in_files(key))

    def in_files(self, key: Key) -> tuple[Raw, ...]:
        """Return the values of *key* in the files only."""
        return tuple(self._in_files.get(key, ()))

    def keys_in(self, table: str) -> frozenset[str]:
        """Return the keys of *table* that may have values: the name of a variable may also belong to another table."""
        prefix = variable((table, ""))
        of_variables = {
            name.removeprefix(prefix).lower().replace("_", "-")
            for name in self.environment
            if name.startswith(prefix)
        }
        return frozenset(
            {key[1] for key in self._in_files if key[0] == table and len(key) > 1} | of_variables
        )

    def _add(
        self,
        place: str,
        table: Mapping[str, Any],
        above: Key = (),
        *,
        given: bool = False,
        text: bool = False,
    ) -> None:
        for name, value in table.items():
            key = (*above, name)
            raw = Raw(
                value, f"{place}{'.'.join(key)}", text=text and not isinstance(value, dict), given=given
            )
            self._in_files.setdefault(key, []).append(raw)
            if isinstance(value, dict) and not above:
                self._add(place, value, key, given=given, text=text)


def read_sources(project: Project, environment: Mapping[str, str], given: Sequence[Given] = ()) -> Sources:
    """Read the configuration of *project* and *environment*, and add the *given* tables.

    That of a script is in its inline metadata.

    ``UserError``: a file is malformed, or is outside the application. Messages show the values of settings, and
    package managers print the lines of ``pyproject.toml`` that they reject.
    """
    for file in FILES:
        project.refuse_outside(file)
    files = {file: project.toml(file) for file in FILES}
    if project.script:
        from layerwright.config.scripts import inline_metadata

        files = {project.script: inline_metadata(project, project.script) or {}}
    return Sources(files, environment, given)


def variable(key: Key) -> str:
    """Return the name of the environment variable for *key*."""
    return PREFIX + "_".join(key).upper().replace("-", "_").replace(".", "_")


def origin_in(file: str, key: Key) -> str:
    """Return the origin of *key* in *file* as text: ``pyproject.toml: tool.layerwright.pip.launch``."""
    return f"{file}: {'.'.join((*_path(file), *key))}"


def _ours(file: str, tree: Mapping[str, Any]) -> Mapping[str, Any]:
    for depth, name in enumerate(_path(file), start=1):
        tree = tree.get(name, {})
        if not isinstance(tree, dict):
            raise ConfigurationError([f"{file}: {'.'.join(_path(file)[:depth])} must be a table"])
    return tree


def _path(file: str) -> Key:
    return FILES.get(file, _IN_SCRIPTS)
