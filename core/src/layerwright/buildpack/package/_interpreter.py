"""The interpreter of a buildpack, and the one that works on this machine while packaging."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.config.python_request import DEFAULT_SPECIFIER, PREFERRED_MINOR
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.errors import UserError
from layerwright.pythons.interpreter import Interpreter, specifier
from layerwright.pythons.provider import minor_of
from layerwright.pythons.select import select
from layerwright.pythons.standalone.provider import StandaloneProvider
from layerwright.pythons.system.provider import SystemProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.buildpack.package.target import Machine
    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Candidate, Progress, Provider

__all__ = ["Interpreters", "choose", "strip"]

# The source of interpreters depends on this machine; the version on the application, which is not the buildpack.
_SETTINGS: Final = ("LAYERWRIGHT_PYTHON_MIRROR", "LAYERWRIGHT_PYTHON_PROVIDER")
# For building software, for people, or for installing pip, which runs only with the application's interpreter.
_USELESS: Final = (
    "include",
    "share",
    "bin/python*-config",
    "lib/*.a",
    "lib/libpython3.so",
    "lib/pkgconfig",
    "lib/python3.*/EXTERNALLY-MANAGED",
    "lib/python3.*/_sysconfig_vars*.json",
    "lib/python3.*/build-details.json",
    "lib/python3.*/config-*",
    "lib/python3.*/ensurepip",
    "lib/python3.*/idlelib",
    "lib/python3.*/lib2to3",
    "lib/python3.*/pydoc_data",
    "lib/python3.*/test",
    "lib/python3.*/tkinter",
    "lib/python3.*/turtle*",
)


@dataclass(frozen=True, kw_only=True)
class Interpreters:
    """The chosen interpreter of a buildpack, not installed yet.

    ``worker`` is one of this machine with the same minor version, if the buildpack is for another machine.
    """

    candidate: Candidate
    provider: Provider
    worker: Path | None

    @property
    def version(self) -> str:
        """The version of the buildpack's interpreter."""
        return self.candidate.version

    @property
    def words(self) -> str:
        """The interpreter as text for the log."""
        return f"Python {self.version} from {self.candidate.provider}: {self.candidate.origin}"

    def install(self, root: Path, runner: Runner, progress: Progress) -> Path:
        """Install the prefix into the empty *root*; return an executable of its minor version that runs here."""
        if self.worker is None:
            self.provider.install(self.candidate, root, runner, progress)
            return Interpreter(version=self.version, prefix=root).executable
        assert isinstance(self.provider, StandaloneProvider)  # noqa: S101  # nothing else has one for another machine
        self.provider.install_foreign(self.candidate, root, progress)
        return self.worker


def choose(
    wanted: str,
    machine: Machine,
    environment: Mapping[str, str],
    *,
    cache: Path,
    runner: Runner,
    standalone: Provider | None = None,
) -> Interpreters:
    """Return the interpreter for *wanted*, a version or a specifier, on *machine*; without *wanted*, the default.

    Its source is set by variables of *environment*; the default is *standalone*, by default the published archives.
    ``UserError``: there is none.
    """
    asked = specifier(wanted, "--python") if wanted else DEFAULT_SPECIFIER
    settings = configure(Sources({}, {n: v for n, v in environment.items() if n in _SETTINGS}), {}).python
    system = SystemProvider(environment, Path(environment.get("HOME", "/")), cache, runner)
    provider: Provider
    if settings.provider == "system":
        _refuse_foreign(machine)
        provider = system
    else:
        provider = standalone or StandaloneProvider(machine.name, cache / "downloads", mirror=settings.mirror)
    prefer = () if wanted else (f"=={PREFERRED_MINOR}.*",)
    _, candidate = select(asked, prefer, [provider])
    worker = None if machine.is_this else _worker(minor_of(candidate.version), system, machine)
    return Interpreters(candidate=candidate, provider=provider, worker=worker)


def _refuse_foreign(machine: Machine) -> None:
    if not machine.is_this:
        raise UserError(
            f"This machine has no interpreter for {machine.target.words}.",
            cause="LAYERWRIGHT_PYTHON_PROVIDER=system copies an interpreter of this machine.",
            remedy="Unset LAYERWRIGHT_PYTHON_PROVIDER to use a standalone archive, which exists for each target.",
            reference="no-interpreter-for-target",
        )


def _worker(minor: str, system: SystemProvider, machine: Machine) -> Path:
    """Return an executable of Python *minor* that runs here, to compile for an interpreter that does not."""

    def wanted(version: str) -> bool:
        return minor_of(version) == minor

    found = next((one for one in system.candidates(wanted) if wanted(one.version)), None)
    if found is None:
        raise UserError(
            f"This machine has no Python {minor}, which packaging for {machine.target.words} needs.",
            cause=f"Bytecode for Python {minor} is compiled by Python {minor}, and that of the buildpack runs "
            f"on {machine.target.words} only.",
            remedy=(
                f"Install Python {minor} on this machine.",
                "Or package with a version that is installed here: --python VERSION",
            ),
            reference="no-python-to-compile",
        )
    return Interpreter(version=found.version, prefix=Path(found.origin)).executable


def strip(root: Path) -> None:
    """Remove everything that a buildpack never runs from the prefix in *root*."""
    for pattern in _USELESS:
        for path in list(root.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
