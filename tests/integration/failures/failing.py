"""Real package managers, each in a layer of its own, that fail in every way that their plugins have words for."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from layerwright import (
    Command,
    CommandFailed,
    EnvironmentRequest,
    Interpreter,
    Project,
    Target,
    ToolRequest,
)
from layerwright.cnb.layers.layer_env import apply_build
from layerwright.contract.values.tool import Tool
from layerwright.process.runner import Runner
from layerwright.testing import build_backend
from layerwright.testing.applications import Application
from layerwright.testing.distributions import Artifact, sdist, source_tree, wheel
from layerwright.testing.machine import clean_env, interpreters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layerwright import PackageManager, ToolSettings
    from layerwright.testing.loopback.index import PackageIndex

__all__ = [
    "GREEDY",
    "NEEDS_HEADER",
    "NEEDS_LIBRARY",
    "RELEASES",
    "Failing",
    "for_python",
    "full_disk",
    "greedy",
    "needs_header",
    "needs_library",
]

RELEASES: Final = (
    wheel("acme", "1.0", requires=["base>=1"]),
    wheel("base", "1.0"),
    wheel("base", "1.2"),
    wheel("base", "2.0"),
    wheel("left", "1.0", requires=["base<2"]),
    wheel("right", "1.0", requires=["base>=2"]),
    wheel("newpy", "1.0", python=">=3.99"),
)
NEEDS_HEADER: Final = "header"
_BACKEND: Final = """\
[build-system]
requires = []
build-backend = "own_backend"
backend-path = ["_own", "_build"]
"""
_LINKED: Final = """\
import os, sysconfig
from build_backend import *

compiler = os.environ.get("CC") or sysconfig.get_config_vars()["CC"].split()[0]
os.environ["CC"] = f"{{compiler}} -l{library}"
"""


GREEDY: Final = "greedy"
_GREEDY: Final = """\
import os, resource, signal
from build_backend import *

def parent(process):
    with open(f"/proc/{process}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])

match os.environ.get("GREEDY"):
    case "allocates":
        resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
        bytearray(1 << 40)
    case "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    case "has its tool killed":
        tool = os.getpid()
        while os.getpgid(tool) != tool:
            tool = parent(tool)
        os.kill(tool, signal.SIGKILL)
"""


def greedy() -> Artifact:
    """Return the source of a distribution whose build runs out of memory in the way that ``GREEDY`` says."""
    return _built_by(_GREEDY, source_tree(GREEDY, "1.0", pyproject=_BACKEND))


NEEDS_LIBRARY: Final = "library"


def needs_library(library: str) -> Artifact:
    """Return the source of a distribution whose extension is linked with *library*."""
    files = {"library/_native.c": "int unused;\n"}
    tree = source_tree(NEEDS_LIBRARY, "1.0", files=files, pyproject=_BACKEND)
    return _built_by(_LINKED.format(library=library), tree)


def _built_by(backend: str, tree: dict[str, str]) -> Artifact:
    metadata = tree["PKG-INFO"]
    files = {**tree, "_own/own_backend.py": backend}
    name, data = build_backend.sdist_bytes(metadata, {path: text.encode() for path, text in files.items()})
    return Artifact(name, data, metadata)


def for_python(bounds: str, artifact: Artifact) -> Artifact:
    """Return *artifact*, with the same hash, as an index offers it to the Pythons in *bounds*."""
    metadata = artifact.metadata.replace(
        f"Requires-Python: {artifact.requires_python}", f"Requires-Python: {bounds}"
    )
    return Artifact(artifact.filename, artifact.data, metadata)


@contextmanager
def full_disk(place: Path) -> Iterator[None]:
    """Mount a full file system of one page at *place*; skip the test where that is not permitted."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user cannot mount a file system")
    try:
        (place / "filler").write_bytes(bytes(4096))
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def needs_header(header: str) -> Artifact:
    """Return the source of a distribution whose extension includes *header*."""
    broken = f"#include <{header}>\nint unused;\n"
    return sdist(NEEDS_HEADER, "1.0", files={"header/_native.c": broken})


class Failing:
    """The package manager *manager*, installed from *index*, and an empty virtual environment for what fails.

    With *installer*, the tool of that package manager installs, as *settings* of *manager* say.
    """

    def __init__(
        self,
        manager: PackageManager[Any],
        root: Path,
        index: PackageIndex,
        *,
        installer: PackageManager[Any] | None = None,
        settings: ToolSettings | None = None,
        **env: str,
    ) -> None:
        self.manager = manager
        self.settings = settings or manager.settings_model()
        self._installer = installer
        self.index = index
        self.root = root
        self._failures = 0
        self._locks: dict[str, bytes] = {}
        self.app = Application(root / "app")
        minor = [*interpreters()][-1]
        executable = interpreters()[minor]
        version = subprocess.check_output(
            [executable, "-c", "import platform; print(platform.python_version())"]
        )
        self.interpreter = Interpreter(version=version.decode().strip(), prefix=executable.parents[1])
        for directory in ("app", "home", "tool"):
            (root / directory).mkdir()
        self.env = {**clean_env(root / "home"), **index.pip_env(), "LANGUAGE": "C", **env}
        tool = installer or manager
        request = ToolRequest(
            project=Project(self.app.path),
            settings=tool.settings_model(),
            environment=self.env,
            interpreter=self.interpreter,
            target=Target(os="linux", arch="amd64"),
            layer=root / "tool",
            venv=root / "venv",
        )
        layer = tool.tool_layer(request)
        assert layer is not None
        self.version = layer.version
        runner = Runner(env=self.env, cwd=self.app.path)
        for command in layer.install:
            runner.run(command)
        for name, content in layer.env.files().items():
            (root / "tool" / name).parent.mkdir(exist_ok=True)
            (root / "tool" / name).write_bytes(content)
        self.tool_env = apply_build(self.env, [("tool", root / "tool")])
        venv = [executable, "-I", "-m", "venv", "--without-pip", root / "venv"]
        subprocess.run(venv, check=True)

    def run(self, *arguments: str) -> None:
        """Run the tool itself, as a developer does."""
        argv = (str(self.root / "tool" / "bin" / self.manager.name), *arguments)
        # At launch, its layer keeps uv from writing lock files.
        env = {"VIRTUAL_ENV": str(self.root / "venv"), "UV_FROZEN": None}
        Runner(env=self.tool_env, cwd=self.app.path).capture(Command(argv=argv, env=env))

    def lock(self, file: str, project: Mapping[str, str]) -> None:
        """Write *project*, and let the tool write the lock *file* for it, once for all tests."""
        for name, text in project.items():
            self.app.write(name, text)
        key = repr(project)
        path = self.app.path / file
        if key not in self._locks:
            path.unlink(missing_ok=True)
            self.run("lock")
            self._locks[key] = path.read_bytes()
        path.write_bytes(self._locks[key])

    def failure(self, **env: str) -> CommandFailed:
        """Install the application, and return the error; *env* is added to the user's variables."""
        environment = {**self.env, **env}
        self._failures += 1
        tool = Tool(version=self.version, layer=self.root / "tool")
        request = EnvironmentRequest(
            project=Project(self.app.path),
            settings=self.settings,
            environment=environment,
            interpreter=self.interpreter,
            target=Target(os="linux", arch="amd64"),
            own_tool=tool,
            others={self._installer.name: tool} if self._installer else {},
            venv=self.root / "venv",
            cache=self.root / f"cache-{self._failures}",
            report=self.root / "report.json",
            exec_env="production",
        )
        install = self.manager.environment(request)
        runner = Runner(env={**self.tool_env, **env}, cwd=self.app.path)
        try:
            for command in (*install.first, *install.commands):
                runner.run(command)
        except CommandFailed as error:
            return error
        raise AssertionError("nothing failed")

    @property
    def site_packages(self) -> Path:
        """The directory in which it installs."""
        return self.interpreter.site_packages(self.root / "venv")

    def told(self, **env: str) -> tuple[str, int]:
        """Return the reference of the error and the exit status."""
        error = self.failure(**env)
        assert error.remedy
        assert error.cause
        assert "{" not in "".join((error.summary, *error.remedy))
        return error.reference, error.exit_status
