"""Layers directories and images that are made in a moment."""

from __future__ import annotations

import gzip
import io
import tarfile
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING, Any

from layerwright.cnb.launch import Process, write_launch
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.cnb.target import Target
from layerwright.image.base.image import no_base
from layerwright.image.blobs import BlobDirectory
from layerwright.image.compose import ImageRequest, compose
from layerwright.image.descriptor import LAYER, Descriptor, digest_of
from layerwright.image.image import Image, Layer
from layerwright.image.layers.compression import Compression
from layerwright.image.layers.making import LayerMaker
from layerwright.image.parts import read_parts
from layerwright.image.settings import Choices

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

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
    info = venv / "lib" / "python3.13" / "site-packages" / "acme_web-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: Acme.Web\n")
    (venv / "bin" / "python").symlink_to(python / "bin" / "python3.13")
    env = LayerEnv().override("VIRTUAL_ENV", str(venv)).default("MODE", "web", scope=Scope.process("web"))
    inputs = {"Python version": "3.13.0", "layer path": "sha256:0"}
    layers.write("python", types=types, metadata={"inputs": inputs}, env=LayerEnv())
    metadata = {"inputs": {}, "python": "3.13.0", "depends-on-python-patch": {}, "bytecode": "3571"}
    layers.write("venv", types=types, metadata=metadata, env=env)
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


class Contents:
    """Has the contents of layers."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}
        self.opened = 0

    def open(self, descriptor: Descriptor) -> AbstractContextManager[IO[bytes]]:
        self.opened += 1
        return nullcontext(io.BytesIO(self.known[descriptor.digest]))


def base(*layers: dict[str, bytes | str], compressed: bool = True) -> tuple[Image, Contents]:
    """Return an image with *layers*: each a file's content, or the target of a link, by path."""
    contents, made = Contents(), []
    for files in layers:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                if isinstance(content, str):
                    info.type, info.linkname = tarfile.SYMTYPE, content
                    archive.addfile(info)
                else:
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))
        plain = buffer.getvalue()
        stored = gzip.compress(plain) if compressed else plain
        descriptor = Descriptor.of(LAYER + ("+gzip" if compressed else ""), stored)
        contents.known[descriptor.digest] = stored
        made.append(Layer(descriptor=descriptor, diff_id=digest_of(plain), blobs=contents))
    return Image(layers=tuple(made), config={}, platform={"architecture": "amd64"}, created=""), contents


def glibc(version: str) -> bytes:
    return f"\x7fELF GNU C Library (Debian GLIBC {version}-9) stable release version {version}.\n".encode()


DEBIAN: dict[str, bytes | str] = {
    "./usr/bin/sh": "dash",
    "./usr/lib/x86_64-linux-gnu/libc.so.6": glibc("2.36"),
    "./usr/lib/x86_64-linux-gnu/libz.so.1": "libz.so.1.2",
    "./lib64/ld-linux-x86-64.so.2": b"",
    "./etc/os-release": "../usr/lib/os-release",
    "./usr/lib/os-release": b'ID=debian\nVERSION_ID="12"\n',
    "./usr/share/doc/libx.so": b"",
}
