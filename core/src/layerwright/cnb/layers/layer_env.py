"""How layers modify the environment: as values, as files, and applied by the lifecycle's rules.

Buildpack API, "Environment Variable Modification Rules" and "Layer Paths". Where the specification leaves something
open, this follows https://github.com/buildpacks/lifecycle.
"""

from __future__ import annotations

import os
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.cnb.launch import is_process_type
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "Action",
    "LayerEnv",
    "Modification",
    "Scope",
    "apply_build",
    "apply_launch",
    "env_files_in",
    "write_env_files",
]

_BUILD_ROOTS: Final = {
    "bin": ("PATH",),
    "lib": ("LD_LIBRARY_PATH", "LIBRARY_PATH"),
    "include": ("CPATH",),
    "pkgconfig": ("PKG_CONFIG_PATH",),
}
_LAUNCH_ROOTS: Final = {"bin": ("PATH",), "lib": ("LD_LIBRARY_PATH",)}
_DELIMITER: Final = "delim"


class Action(StrEnum):
    """The kind of a modification; a default also applies to an empty variable."""

    APPEND = "append"
    DEFAULT = "default"
    OVERRIDE = "override"
    PREPEND = "prepend"


# By suffix; the lifecycle has another one for a name that ends in a dot, from before there were suffixes.
_ACTIONS: Final = {"": Action.PREPEND, **{action.value: action for action in Action}}


class Scope(StrEnum):
    """When a modification applies; the value is the directory of its file."""

    ALL = "env"
    BUILD = "env.build"
    LAUNCH = "env.launch"

    @staticmethod
    def process(process_type: str) -> str:
        """Return the scope of one process type at launch."""
        return f"{Scope.LAUNCH}/{process_type}"


@frozen
class Modification:
    """One change to one variable. The delimiter separates the old value from the new one if both exist."""

    scope: str
    name: str
    action: Action
    value: str
    delimiter: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """The identity of the file that holds the value."""
        return self.scope, self.name, self.action


@frozen
class LayerEnv:
    """The environment modifications of a layer, sorted: equal files make equal values.

    The methods that add one return a new value. A file holds one value, so a later modification replaces an earlier
    one of the same scope, variable and action. ``ValueError``: a name, scope or value that cannot be written, or two
    delimiters for one variable in one scope, which share a file.
    """

    entries: tuple[Modification, ...] = field(default=(), kw_only=False)
    """The modifications, sorted by scope, name and action."""

    def override(self, name: str, value: str, *, scope: str = Scope.ALL) -> LayerEnv:
        """Set the variable, whatever its value."""
        return self._with(name, value, Action.OVERRIDE, scope)

    def default(self, name: str, value: str, *, scope: str = Scope.ALL) -> LayerEnv:
        """Set the variable if it is unset or empty."""
        return self._with(name, value, Action.DEFAULT, scope)

    def append(self, name: str, value: str, *, delimiter: str = ":", scope: str = Scope.ALL) -> LayerEnv:
        """Put *value* after the value of the variable."""
        return self._with(name, value, Action.APPEND, scope, delimiter)

    def prepend(self, name: str, value: str, *, delimiter: str = ":", scope: str = Scope.ALL) -> LayerEnv:
        """Put *value* before the value of the variable."""
        return self._with(name, value, Action.PREPEND, scope, delimiter)

    def merged(self, other: LayerEnv) -> LayerEnv:
        """Return the modifications of both; those of *other* win."""
        merged = {entry.key: entry for entry in (*self.entries, *other.entries)}
        delimiters: dict[tuple[str, str], str] = {}
        for entry in merged.values():
            if entry.action in {Action.OVERRIDE, Action.DEFAULT}:
                continue
            if delimiters.setdefault((entry.scope, entry.name), entry.delimiter) != entry.delimiter:
                raise ValueError(
                    f"{entry.name} has two delimiters in {entry.scope}/, where there is one file for both"
                )
        return LayerEnv(tuple(merged[key] for key in sorted(merged)))

    def files(self) -> dict[str, bytes]:
        """Return the content of each environment file, by its path relative to the layer."""
        files = {}
        for entry in self.entries:
            files[f"{entry.scope}/{entry.name}.{entry.action}"] = os.fsencode(entry.value)
            if entry.delimiter:
                files[f"{entry.scope}/{entry.name}.{_DELIMITER}"] = os.fsencode(entry.delimiter)
        return files

    def _with(self, name: str, value: str, action: Action, scope: str, delimiter: str = "") -> LayerEnv:
        if not _is_variable(name):
            raise ValueError(f"{name!r} cannot be the name of an environment file's variable")
        if "\0" in value:
            raise ValueError(f"the value of {name} has a NUL character, which no environment can hold")
        head, _, process_type = scope.partition("/")
        if scope not in tuple(Scope) and not (head == Scope.LAUNCH and is_process_type(process_type)):
            raise ValueError(f"{scope!r} is not a scope")
        entry = Modification(scope=str(scope), name=name, action=action, value=value, delimiter=delimiter)
        return self.merged(LayerEnv((entry,)))


def apply_build(env: Mapping[str, str], layers: Iterable[tuple[str, Path]]) -> dict[str, str]:
    """Return *env* as modified by the build layers, each a name and a path, for the commands after them."""
    result = dict(env)
    # The lifecycle reads the <name>.toml files in the order of *their* names: a-b.toml before a.toml.
    for _, path in sorted(layers, key=lambda layer: f"{layer[0]}.toml"):
        _add_roots(result, path, _BUILD_ROOTS)
        for scope in (Scope.ALL, Scope.BUILD):
            _modify(result, path, scope)
    return result


def apply_launch(
    env: Mapping[str, str], layers: Iterable[tuple[str, Path]], process_type: str = ""
) -> dict[str, str]:
    """Return *env* as modified by the launch layers, each a name and a path, for one process type."""
    result = dict(env)
    paths = [path for _, path in sorted(layers)]
    # All roots first: an env/PATH.prepend of any layer comes before the bin directory of every layer.
    for path in paths:
        _add_roots(result, path, _LAUNCH_ROOTS)
    scopes = [Scope.ALL, Scope.LAUNCH, *([Scope.process(process_type)] if process_type else [])]
    for path in paths:
        for scope in scopes:
            _modify(result, path, scope)
    return result


def env_files_in(layer: Path) -> dict[str, bytes | None]:
    """Return the content of each environment file; ``None`` for one that is not a file."""
    files: dict[str, bytes | None] = {}
    for scope in Scope:
        directory = layer / scope
        if os.path.lexists(directory) and not directory.is_dir():
            files[scope] = None
        for parent, directories, names in os.walk(directory):
            links = [name for name in directories if Path(parent, name).is_symlink()]
            for file in (Path(parent, name) for name in (*names, *links)):
                files[str(file.relative_to(layer))] = file.read_bytes() if file.is_file() else None
    return files


def write_env_files(layer: Path, files: Mapping[str, bytes]) -> None:
    """Write *files*, environment files by their names in *layer*, readable by everyone, whatever the umask."""
    for relative, content in files.items():
        file = layer / relative
        for directory in reversed(file.relative_to(layer).parents[:-1]):
            (layer / directory).mkdir(exist_ok=True)
            (layer / directory).chmod(0o755)
        file.write_bytes(content)
        file.chmod(0o644)


def _add_roots(env: dict[str, str], layer: Path, roots: Mapping[str, tuple[str, ...]]) -> None:
    for directory, variables in roots.items():
        root = os.path.abspath(layer / directory)  # noqa: PTH100  # resolve() would follow symlinks
        if os.path.exists(root):  # noqa: PTH110  # a file of that name is a root, too
            for variable in variables:
                before = env.get(variable, "")
                env[variable] = f"{root}:{before}" if before else root


def _modify(env: dict[str, str], layer: Path, scope: str) -> None:
    for entry in _modifications(layer, scope):
        before = env.get(entry.name, "")
        delimiter = entry.delimiter if before else ""
        env[entry.name] = {
            Action.APPEND: f"{before}{delimiter}{entry.value}",
            Action.DEFAULT: before or entry.value,
            Action.OVERRIDE: entry.value,
            Action.PREPEND: f"{entry.value}{delimiter}{before}",
        }[entry.action]


def _modifications(layer: Path, scope: str) -> Iterator[Modification]:
    """Yield the modifications of one directory in the order of the file names, in which they apply."""
    directory = layer / scope
    for path in sorted(_entries(directory)):
        name, dot, suffix = path.name.partition(".")
        action = _ACTIONS.get(suffix) if dot else Action.OVERRIDE
        if action is None or not _is_variable(name) or not path.is_file():
            continue
        delimiter = directory / f"{name}.{_DELIMITER}"
        implied = ":" if dot and not suffix else ""
        joins = action in {Action.APPEND, Action.PREPEND}
        yield Modification(
            scope=str(scope),
            name=name,
            action=action,
            value=os.fsdecode(path.read_bytes()),
            delimiter=_read(delimiter, implied) if joins else "",
        )


def _read(delimiter: Path, implied: str) -> str:
    return os.fsdecode(delimiter.read_bytes()) if delimiter.is_file() else implied


def _entries(directory: Path) -> Iterable[Path]:
    try:
        return list(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _is_variable(name: str) -> bool:
    return bool(name) and not set("/.=\0") & set(name)
