"""A site whose application is uv's: real uv from the wheelhouse, and lock files that it makes when a test runs."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from typing_extensions import override

import layerwright_uv
from layerwright.testing.distributions import Artifact, wheel
from layerwright.testing.machine import clean_env, interpreters
from tests.fixtures.wheelhouse import LOCK, is_complete
from tests.integration.site import MAIN, SharedIndex, Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.loopback.index import PackageIndex

__all__ = ["OTHER_UV", "UvIndex", "UvSite", "is_filled", "other_uv", "pyproject", "uv_wheelhouse"]

OTHER_UV: Final = "0.13.8"
"""The version that the index has beside the real one: the same executables under another number."""

_INSTALLED: Final = """\
import importlib.metadata, json
print(json.dumps({d.name: d.version for d in importlib.metadata.distributions()}))
"""


def uv_wheelhouse() -> Path:
    """Return the directory with uv's wheel, filled or not."""
    return LOCK.parents[1] / ".wheelhouse-uv"


def is_filled() -> bool:
    """Return whether uv's wheel is there."""
    return is_complete(uv_wheelhouse(), Path(layerwright_uv.__file__).with_name("tool.lock"))


class UvIndex(SharedIndex):
    """A package index with uv, ``acme``, which requires ``base``, and what tests add."""

    @override
    def reset(self) -> None:
        """Offer what there is at first and nothing else."""
        super().reset()
        self.add_directory(uv_wheelhouse())
        self.add(wheel("tester", "1.0"))


class UvSite(Site):
    """The application in ``app`` below *root*, with a ``pyproject.toml`` that requires ``acme``, locked."""

    def __init__(self, root: Path, index: PackageIndex) -> None:
        super().__init__(root, index)
        self.env["UV_DEFAULT_INDEX"] = index.url

    @override
    def furnish(self) -> None:
        for directory in (self.app.path, self.cache, self.home):
            directory.mkdir(parents=True)
        self.app.write("Procfile", "web: python main.py\n")
        self.app.write("main.py", MAIN)
        self.lock("acme")

    def lock(self, *requirements: str, more: str = "") -> None:
        """Write a ``pyproject.toml`` that has *requirements*, and *more* at its end, and the lock file for it."""
        self.app.write("pyproject.toml", pyproject(*requirements, more=more))
        self.relock()

    def relock(self) -> None:
        """Have uv lock what ``pyproject.toml`` says now, as if there were no lock file."""
        (self.app.path / "uv.lock").unlink(missing_ok=True)
        self.uv("lock", "--refresh")

    def uv(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
        """Run the real uv in the application directory, as its developer does."""
        place = self.root / "developer"
        more = {
            "UV_CACHE_DIR": str(place / "cache"),
            "UV_DEFAULT_INDEX": self.index.url,
            "UV_PYTHON": str(interpreters()[self.python]),
            "UV_PYTHON_DOWNLOADS": "never",
        }
        return subprocess.run(
            [_executable(), *map(str, arguments)],
            cwd=self.app.path,
            env={**clean_env(self.home), **more, **(env or {})},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    @property
    def python(self) -> str:
        """The minor version of the Python that was built with, or of the newest where nothing is built."""
        [*built] = self.layers.glob("python/bin/python3.*[0-9]")
        return built[0].name.removeprefix("python") if built else [*interpreters()][-1]

    def fresh(self, *arguments: str) -> dict[str, str]:
        """Return what the bare uv installs into a new virtual environment with *arguments*."""
        venv = self.root / "developer" / "venv"
        shutil.rmtree(venv, ignore_errors=True)
        where = {"UV_PROJECT_ENVIRONMENT": str(venv)}
        self.uv("sync", "--locked", "--no-default-groups", *arguments, env=where)
        return self.installed_in(venv)

    def installed_in(self, venv: Path) -> dict[str, str]:
        """Return the version of each distribution that the interpreter of *venv* finds, by name."""
        command = [str(venv / "bin" / "python"), "-I", "-c", _INSTALLED]
        found: dict[str, str] = json.loads(subprocess.check_output(command, text=True))
        return found


def pyproject(*requirements: str, more: str = "") -> str:
    """Return a ``pyproject.toml`` of the application ``shop``."""
    return (
        f'[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
        f"dependencies = {json.dumps(requirements)}\n{more}"
    )


@cache
def _executable() -> Path:
    [path] = uv_wheelhouse().glob("uv-*.whl")
    with zipfile.ZipFile(path) as archive:
        [name] = (name for name in archive.namelist() if name.endswith("/scripts/uv"))
        # Once for each process that runs tests.
        place = mkdtemp(prefix="uv-")
        atexit.register(shutil.rmtree, place)
        found = Path(archive.extract(name, place))
    found.chmod(0o755)
    return found


@cache
def other_uv() -> Artifact:
    """Return the wheel of ``OTHER_UV``."""
    [path] = uv_wheelhouse().glob("uv-*.whl")
    version = path.name.split("-")[1]
    data = BytesIO()
    with zipfile.ZipFile(path) as real, zipfile.ZipFile(data, "w") as fake:
        for info in real.infolist():
            content = real.read(info)
            if info.filename.endswith("/METADATA"):
                content = content.replace(f"Version: {version}".encode(), f"Version: {OTHER_UV}".encode(), 1)
                metadata = content.decode()
            if not info.filename.endswith("/RECORD"):
                info.filename = info.filename.replace(f"uv-{version}.", f"uv-{OTHER_UV}.")
                fake.writestr(info, content)
        fake.writestr(f"uv-{OTHER_UV}.dist-info/RECORD", "")
    return Artifact(path.name.replace(version, OTHER_UV), data.getvalue(), metadata)
