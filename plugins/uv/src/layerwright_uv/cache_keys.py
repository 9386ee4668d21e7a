"""The ``cache-keys`` in ``[tool.uv]`` of a project: inputs of its build, besides its own files.

See "Dynamic metadata" under "Caching" in uv's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright_uv.local_source import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from layerwright import Project

__all__ = ["cache_keys"]


def cache_keys(project: Project, directory: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield each key of the project in *directory*, with its current value."""
    keys = table(project.toml(f"{directory}/pyproject.toml"), "tool", "uv").get("cache-keys")
    for key in keys if isinstance(keys, list) else ():
        for kind, value in key.items() if isinstance(key, dict) else (("file", key),):
            yield f"{kind} {value}: {' '.join(_state(project, directory, environment, kind, value))}"


def _state(
    project: Project, directory: str, environment: Mapping[str, str], kind: str, value: Any
) -> Iterator[str]:
    if kind == "git":
        yield project.version_control(directory)
    elif kind == "env":
        yield environment.get(str(value), "")
    else:
        for path in sorted(_found(project.path(directory), str(value))):
            # uv compares the timestamps of a directory, which differ in every checkout.
            yield f"{path} {project.digest(str(path)) if path.is_file() else path.is_dir()}"


def _found(root: Path, name: str) -> Iterable[Path]:
    try:
        # In uv, a trailing ** also matches files.
        return tuple(root.glob(f"{name}/*" if name.endswith("**") else name))
    except (ValueError, NotImplementedError, IndexError):
        # Not a valid pattern: it is empty, absolute, or has ** within a word.
        return (root / name,)
