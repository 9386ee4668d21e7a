"""The lock files of this project, and the inputs of each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LOCKS", "ROOT", "Lock"]

ROOT: Final = Path(__file__).parents[1]
"""The root of the clone."""

_HERE: Final = Path(__file__).parent
_CORE: Final = ROOT / "core" / "pyproject.toml"
_RUNTIME: Final = ROOT / "core/src/layerwright/buildpack/package/runtime.lock"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock file and its inputs; it is for CPython *oldest* ("3.11") and newer, and agrees with *constraint*."""

    file: Path
    inputs: tuple[Path, ...]
    oldest: str
    extra: str = ""
    constraint: Path | None = None

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements in the inputs (PEP 508)."""
        return tuple(requirement for path in self.inputs for requirement in self._asked(path))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of ``uv pip compile``, except those for the path of the lock."""
        return (
            f"--python-version={self.oldest}",
            *map(str, self.inputs),
            *((f"--extra={self.extra}",) if self.extra else ()),
            *((f"--constraint={self.constraint}",) if self.constraint else ()),
        )

    def _asked(self, path: Path) -> Iterator[str]:
        if path.suffix == ".toml":
            project = tomllib.loads(path.read_text())["project"]
            yield from project["dependencies"]
            yield from project["optional-dependencies"][self.extra] if self.extra else ()
        else:
            lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
            yield from filter(None, lines)


def _tool(name: str, place: str, oldest: str) -> Lock:
    return Lock(file=ROOT / place, inputs=(_HERE / f"{name}.in",), oldest=oldest)


# They are written in this order: a constraint before the locks that must agree with it.
LOCKS: Final = {
    "runtime": Lock(file=_RUNTIME, inputs=(_CORE,), oldest="3.11"),
    "run": Lock(file=_HERE / "run.txt", inputs=(_HERE / "run.in", _CORE), oldest="3.11", constraint=_RUNTIME),
    "dev": Lock(
        file=_HERE / "dev.txt",
        inputs=(_HERE / "dev.in", _CORE),
        oldest="3.11",
        extra="testing",
        constraint=_HERE / "run.txt",
    ),
    "wheelhouse": _tool("wheelhouse", "requirements/wheelhouse.txt", "3.11"),
    "pip": _tool("pip", "plugins/pip/src/layerwright_pip/pip.lock", "3.8"),
    "poetry": _tool("poetry", "plugins/poetry/src/layerwright_poetry/poetry.txt", "3.9"),
    "uv": _tool("uv", "plugins/uv/src/layerwright_uv/tool.lock", "3.9"),
    "pdm": _tool("pdm", "plugins/pdm/src/layerwright_pdm/tool.lock", "3.9"),
    "pip-tools": _tool("pip-tools", "examples/plugins/pip-tools/src/layerwright_pip_tools/tool.lock", "3.10"),
    "pipenv": _tool("pipenv", "plugins/pipenv/src/layerwright_pipenv/tool.lock", "3.9"),
}
"""Every lock file of the project, by name."""
