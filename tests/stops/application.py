"""An application whose build is our own, with tiny layers, so that it can be stopped at every one of its changes."""

from __future__ import annotations

import io
import os
import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

import layerwright.build.phase
from layerwright.build._contribute import Contributor
from layerwright.build._decide import LayerSpec
from layerwright.build.layers.download_cache import Loan, contribute_cache
from layerwright.build.layers.names import cache_layer, left_over, tool_layer
from layerwright.build.phase import LAUNCH_TOML, Built
from layerwright.cnb.launch import Process, write_launch
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.sameness import Locked, Update
from layerwright.errors import SiteError, UserError
from layerwright.local.platform import LocalPlatform
from layerwright.output.log import Log
from layerwright.process.command import Completed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.build.request import BuildRequest

TYPES: Final = LayerTypes(build=True, launch=True, cache=True)


class Version(NamedTuple):
    """The inputs of a build; one that *fails* does so after it has changed the virtual environment."""

    python: str = "1"
    manager: str = "acme"
    content: str = "1"
    environment: str = "1"
    clean: bool = False
    fails: bool = False


class Application:
    """The application below *root*, whose layers are always at the same place."""

    def __init__(self, root: Path) -> None:
        self.layers: Final = root / "layers"
        self.platform: Final = LocalPlatform(root / "app", self.layers, root / "cache", {"PATH": "/usr/bin"})
        (root / "app").mkdir(exist_ok=True)

    def build(self, version: Version) -> Built | None:
        """Build *version*; ``None`` where that fails as it should."""

        def build(request: BuildRequest, log: Log, *, keep_open: Sequence[int] = ()) -> Built:
            return _build(request, log, version)

        layerwright.build.phase.build = build
        try:
            return self.platform.build(_silent(), clean=version.clean)
        except SiteError:
            if not version.fails:
                raise
            return None

    def launch(self) -> bool:
        """Launch it, and return whether there is a complete build."""
        try:
            launch = self.platform.launch(_silent(), None, [])
        except UserError as error:
            if error.reference != "not-built":
                raise
            return False
        if launch.announced is not None:
            os.close(launch.announced)
        installed = (self.layers / "venv" / "lib" / "info").read_text()
        assert launch.argv == (str(self.layers / "venv" / "bin" / "serve"), installed)
        return True


def _silent() -> Log:
    return Log(io.StringIO(), io.StringIO())


def _build(request: BuildRequest, log: Log, version: Version) -> Built:
    layers = request.layers
    contributor = Contributor(layers, environment={}, log=log)
    contributor.contribute(
        _spec("python", {"version": version.python}),
        create=lambda layer: _fill(layer, {"bin/python": version.python, "lib/os.py": "standard"}),
    )
    contributor.contribute(
        _spec(tool_layer(version.manager), {}),
        create=lambda layer: _fill(layer, {f"bin/{version.manager}": "tool"}),
    )
    cache = LayerSpec(name=cache_layer(version.manager), types=LayerTypes(cache=True), inputs={})
    contribute_cache(contributor, cache)
    loan = Loan(layers, cache)
    downloads = layers.layer_path(cache.name)

    def install(layer: Path, before: Path | None = None) -> None:
        def run() -> Completed:
            _install(downloads, layer, version)
            return Completed(returncode=0, output="")

        loan.run(run)

    def create(layer: Path) -> None:
        install(layer)
        _fill(layer, {"bin/serve": "serve"})

    spec = _spec(
        "venv",
        {"version": version.python, "manager": version.manager},
        content={"content": version.content},
        environment=version.environment,
    )
    try:
        contributor.contribute(
            spec,
            create=create,
            update=install,
        )
        if version.fails:
            raise SiteError("It fails.", cause="", remedy="", reference="operating-system")
    except BaseException:
        loan.give_back()
        raise
    if loan.is_due:
        contributor.measure(cache)
    dropped = left_over(layers.names(), [c.name for c in contributor.contributions])
    for name in dropped:
        layers.discard(name)
    process = Process(type="web", command=("serve",), args=(version.content,), default=True)
    write_launch(layers.path / LAUNCH_TOML, [process])
    return Built(contributions=tuple(contributor.contributions), dropped=dropped, processes=())


def _spec(
    name: str, inputs: dict[str, str], content: dict[str, str] | None = None, environment: str = "1"
) -> LayerSpec:
    env = LayerEnv().override("LAYER", f"{name} {environment}")
    return LayerSpec(
        name=name,
        types=TYPES,
        inputs=inputs,
        content_inputs=content or {},
        sameness=Locked(update=Update() if content else None),
        env=env,
    )


def _install(downloads: Path, layer: Path, version: Version) -> None:
    """Do as a package manager does that believes whatever is in its cache, and writes into no file that is there."""
    for found in downloads.iterdir():
        assert (found / "METADATA").read_text() == "whole", f"{found} is damaged"
    archive = downloads / f"acme-{version.content}"
    if not archive.exists():
        archive.mkdir()
        (archive / "module.py").write_text(f"content = {version.content}")
        (archive / "METADATA").write_text("whole")
    library = layer / "lib"
    if library.exists():
        shutil.rmtree(library / "acme")
        (library / "info").unlink()
    (library / "acme").mkdir(parents=True)
    shutil.copyfile(archive / "module.py", library / "acme" / f"module{version.content}.py")
    (library / "info").write_text(version.content)


def _fill(layer: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        file = layer / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(0o755)
