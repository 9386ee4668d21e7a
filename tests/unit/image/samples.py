"""Layers directories and images that are made in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.cnb.launch import Process, write_launch
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.cnb.target import Target
from layerwright.image.base.image import no_base
from layerwright.image.blobs import BlobDirectory
from layerwright.image.compose import ImageRequest, compose
from layerwright.image.layers.compression import Compression
from layerwright.image.layers.making import LayerMaker
from layerwright.image.parts import read_parts
from layerwright.image.settings import Choices

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.image.image import Image

TARGET = Target(os="linux", arch="amd64", distro_name="debian", distro_version="12")
WEB = Process(type="web", command=("serve", "app:main"), args=("--port", "80"), default=True)
WORKER = Process(type="worker", command=("python", "work.py"), working_directory="jobs")


def built(root: Path, *processes: Process) -> Path:
    """Write the launch layers ``python`` and ``venv``, and one for the build only, into *root*."""
    layers = LayersDirectory(root)
    types = LayerTypes(build=True, launch=True, cache=True)
    python, venv, tool = (layers.create(name) for name in ("python", "venv", "tool-pip"))
    for folder in (python, venv, tool):
        (folder / "bin").mkdir()
    (python / "bin" / "python3.13").write_bytes(b"\x7fELF\0")
    script = venv / "bin" / "serve"
    script.write_text(f"#!{venv}/bin/python\nprint()\n")
    script.chmod(0o755)
    (venv / "bin" / "python").symlink_to(python / "bin" / "python3.13")
    env = LayerEnv().override("VIRTUAL_ENV", str(venv)).default("MODE", "web", scope=Scope.process("web"))
    inputs = {"Python version": "3.13.0", "layer path": "sha256:0"}
    layers.write("python", types=types, metadata={"inputs": inputs}, env=LayerEnv())
    layers.write("venv", types=types, metadata={"inputs": inputs}, env=env)
    layers.write("tool-pip", types=LayerTypes(build=True), metadata={}, env=LayerEnv())
    write_launch(root / "launch.toml", processes)
    return root


def application(root: Path) -> Path:
    """Write an application into *root*."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "app.py").write_text("main = print\n")
    return root


def maker(root: Path) -> LayerMaker:
    return LayerMaker(BlobDirectory(root / "blobs"), root / "layers", Compression.GZIP)


def request(root: Path, *processes: Process, **changes: Any) -> ImageRequest:
    values: dict[str, Any] = {
        "base": no_base(TARGET),
        "parts": read_parts(built(root / "layers", *processes), {"python": "1", "venv": "2"}),
        "tree": application(root / "app"),
        "settings": Choices(),
        **changes,
    }
    return ImageRequest(**values)


def image(root: Path, *processes: Process, **changes: Any) -> Image:
    return compose(request(root, *processes, **changes), maker(root / "images"))
