"""The configuration: every setting's value, checked, and its origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from layerwright.config.models import (
    BuildSettings,
    ImageSettings,
    ProcessSettings,
    PythonSettings,
    ToolSettings,
)
from layerwright.config.sources import (
    APP_DIR,
    NOT_SETTINGS,
    PACKAGE_MANAGER,
    PACKAGE_MANAGERS,
    POLICY,
    Key,
    Raw,
    Sources,
    variable,
)
from layerwright.config.tables import TableReader, keys_of, nearest
from layerwright.config.values import checked, shown
from layerwright.errors import ConfigurationError
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.config.policy.policy import Policy
    from layerwright.config.processes import FoundProcess

__all__ = [
    "Configuration",
    "ImageSettings",
    "PythonSettings",
    "Setting",
    "ToolSettings",
    "checked",
    "configure",
    "image_settings",
    "policy_of",
    "python_settings",
]

T = TypeVar("T")
DEFAULT: Final = "default"
"""The origin of a value that is not set."""
PROCESSES: Final = "processes"
"""The table whose keys are the application's own."""
BUILD: Final = "build"
"""The table of settings of the build itself."""
IMAGE: Final = "image"
"""The table of settings of images."""
CORE_TABLES: Final = frozenset({"python", BUILD, IMAGE, POLICY, PROCESSES, PACKAGE_MANAGERS})
"""The tables that are not those of a package manager."""
TOP_LEVEL: Final[Mapping[Key, str]] = {
    PACKAGE_MANAGER: "the package manager",
    APP_DIR: "the directory of the application in the source tree",
}
"""The keys that are in no table."""


@frozen
class Setting(Generic[T]):
    """One setting: its dotted key, its value, the origin of the value, and a description."""

    key: str
    value: T
    origin: str = DEFAULT
    help: str = ""


@frozen
class Configuration:
    """The effective configuration, complete and checked.

    ``settings`` has every setting, including defaults, in display order. ``tools`` has the settings of each plugin's
    table: of a package manager by its name, of any other plugin by its entry point's. ``policy`` is ``None`` if no
    source has one.
    """

    package_manager: Setting[str | None]
    python: PythonSettings
    build: BuildSettings
    image: ImageSettings
    tools: Mapping[str, Any]
    processes: tuple[FoundProcess, ...]
    settings: tuple[Setting[Any], ...]
    policy: Policy | None = None

    def tool(self, name: str) -> Any:
        """Return the settings of the table *name*, as its own model."""
        return self.tools[name]


def configure(sources: Sources, models: Mapping[str, type[Any]]) -> Configuration:
    """Return the configuration of *sources*, with the tables of plugins: their *models*, by name.

    All mistakes are in one ``ConfigurationError``.
    """
    return _Reader(sources).read(models)


def image_settings(sources: Sources) -> ImageSettings:
    """Return the table ``image`` of *sources*; ``ConfigurationError``: a value in it is wrong."""
    return _Reader(sources).read_table(IMAGE, ImageSettings)


def policy_of(sources: Sources) -> Policy | None:
    """Return the policy in *sources*, if there is one; ``ConfigurationError``: something in it is wrong."""
    return _Reader(sources).read_policy()


def python_settings(sources: Sources) -> PythonSettings:
    """Return the table ``python`` of *sources*; ``ConfigurationError``: a value in it is wrong."""
    return _Reader(sources).read_table("python", PythonSettings)


class _Reader:
    """Continues after a mistake, so that all of them are reported at once."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._problems: list[str] = []
        self._tables = TableReader(self._tell)
        self._settings: list[Setting[Any]] = []
        self._variables = {*map(variable, TOP_LEVEL), *NOT_SETTINGS}

    def read(self, models: Mapping[str, type[Any]]) -> Configuration:
        self._check_names({*CORE_TABLES, *models})
        package_manager, _ = (self._alone(key, words) for key, words in TOP_LEVEL.items())
        python = self._table("python", PythonSettings)
        build = self._table(BUILD, BuildSettings)
        image = self._table(IMAGE, ImageSettings)
        tools = {name: self._table(name, model) for name, model in models.items()}
        policy = self._policy()
        processes = self._processes()
        left_out = tuple(variable((name, "")) for name in self._sources.left_out)
        for name in self._sources.environment:
            if name not in self._variables and not name.startswith(left_out):
                self._problems.append(f"{name} is not a setting's variable{nearest(name, self._variables)}")
        self._refuse()
        return Configuration(
            package_manager=package_manager,
            python=python,
            build=build,
            image=image,
            tools=tools,
            processes=processes,
            settings=tuple(self._settings),
            policy=policy,
        )

    def read_table(self, name: str, model: type[T]) -> T:
        """Return one table, without knowing the names of the others."""
        settings = self._table(name, model)
        self._refuse()
        return settings

    def read_policy(self) -> Policy | None:
        """Return the policy alone."""
        policy = self._policy()
        self._refuse()
        return policy

    def _refuse(self) -> None:
        if self._problems:
            raise ConfigurationError(list(dict.fromkeys(self._problems)))

    def _check_names(self, tables: set[str]) -> None:
        for key in self._sources.keys:
            name, *within = key
            if within or key in TOP_LEVEL or name in self._sources.left_out:
                continue
            for value, origin, *_ in self._sources.in_files(key):
                if name in tables:
                    if not isinstance(value, dict):
                        self._problems.append(f"{origin} must be a table, not {shown(value)}")
                elif isinstance(value, dict):
                    self._problems.append(
                        f"{origin} is an unknown table{nearest(name, tables)}"
                        f" (if it belongs to a package manager: is the plugin layerwright-{name} installed?)"
                    )
                else:
                    self._unknown(origin, name, {*(key for (key,) in TOP_LEVEL), *tables})

    def _alone(self, key: Key, words: str) -> Setting[str | None]:
        """Return the setting *key*, a string that is in no table."""
        setting: Setting[str | None] = Setting(key=key[0], value=None, help=words)
        for raw in self._sources.raws(key)[:1]:
            value = self._tables.value(str, raw)
            setting = Setting(key=setting.key, value=value, origin=raw.origin, help=setting.help)
        self._settings.append(setting)
        return setting

    def _table(self, name: str, model: type[T]) -> T:
        keys = keys_of(model)
        self._variables.update(variable((name, key)) for key in keys)
        for key in self._sources.keys:
            if key[0] == name and len(key) > 1 and key[1] not in keys:
                for raw in self._sources.in_files(key):
                    self._unknown(raw.origin, key[1], keys)
        raws = {key: raw for key in keys for raw in self._sources.raws((name, key))[:1]}
        settings = self._tables.table(model, raws)
        self._settings.extend(
            Setting(
                key=f"{name}.{key}",
                value=getattr(settings, field.name),
                origin=raws[key].origin if key in raws else DEFAULT,
                help=field.metadata.get("help", ""),
            )
            for key, field in keys.items()
        )
        return settings

    def _policy(self) -> Policy | None:
        if not self._sources.keys_in(POLICY):
            return None
        # Few applications have one, and its models take time to import.
        from layerwright.config.policy.reading import policy_variables, read_policy

        self._variables.update(policy_variables())
        policy = read_policy(self._sources, self._tables, self._tell)
        self._settings += [
            Setting(key=f"{POLICY}.{one.rule}", value=one.shown, origin=one.origin) for one in policy.deciding
        ]
        return policy

    def _processes(self) -> tuple[FoundProcess, ...]:
        types = [key[1] for key in self._sources.keys if key[0] == PROCESSES and len(key) > 1]
        taken = {variable((PROCESSES, type_)) for type_ in types}
        prefix = variable((PROCESSES, ""))
        types += [
            name.removeprefix(prefix).lower().replace("_", "-")
            for name in self._sources.environment
            if name.startswith(prefix) and name not in taken
        ]
        found = [p for p in map(self._process, types) if p is not None]
        defaults = [origin for process, origin in found if process.default]
        if len(defaults) > 1:
            self._problems.append(f"Only one process can be the default: {', '.join(defaults)}")
        return tuple(found)

    def _process(self, type_: str) -> FoundProcess | None:
        from layerwright.cnb.launch import Process
        from layerwright.config.processes import FoundProcess
        from layerwright.process.shell.process_command import process_command

        key = (PROCESSES, type_)
        raw = self._sources.raws(key)[0]
        self._variables.add(variable(key))
        self._settings.append(Setting(key=".".join(key), value=raw.value, origin=raw.origin))
        problems = len(self._problems)
        if isinstance(raw.value, dict):
            parts = {name: Raw(value, f"{raw.origin}.{name}") for name, value in raw.value.items()}
            settings = self._tables.table(ProcessSettings, parts)
        else:
            settings = ProcessSettings(command=self._tables.value(str | tuple[str, ...], raw, ()))
        if len(self._problems) > problems:
            return None
        words = settings.command
        if not (words.strip() if isinstance(words, str) else any(words[:1])):
            self._tell(raw.origin, "has no command")
            return None
        try:
            process = Process(
                type=type_,
                command=process_command(words) if isinstance(words, str) else words,
                default=settings.default,
                working_directory=settings.working_directory,
            )
        except ValueError as error:
            self._problems.append(f"{raw.origin}: {error}")
            return None
        return FoundProcess(process, raw.origin)

    def _tell(self, origin: str, words: str) -> None:
        self._problems.append(f"{origin} {words}")

    def _unknown(self, origin: str, name: str, names: Iterable[str]) -> None:
        self._problems.append(f"{origin} is an unknown key{nearest(name, names)}")
