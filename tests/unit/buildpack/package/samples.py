"""A small world to package in: installed distributions, a source, and what their requirements are checked for."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from layerwright.buildpack.package.target import machine_of
from layerwright.cnb.target import Target
from layerwright.plugins.api import PLUGIN_API
from layerwright.plugins.entry_points import API_GROUP, PLUGIN_GROUP
from layerwright.testing import build_backend

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["HERE", "MARKERS", "buildpack_source", "install", "wheel_of"]

HERE = Target(os="linux", arch="amd64", distro_name="debian", distro_version="12")
MARKERS = machine_of("linux/amd64", here=HERE).marker_environment("3.13.1")


def wheel_of(
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    python: str = ">=3.11",
    plugin: bool = False,
    tag: str = "py3-none-any",
    files: dict[str, str] | None = None,
) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel with one module, as real ones are made."""
    module = name.replace("-", "_")
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}\n"
    metadata += "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    contents = {f"{module}/__init__.py": f'__version__ = "{version}"\n', **(files or {})}
    return build_backend.wheel_bytes(
        metadata,
        {path: text.encode() for path, text in contents.items()},
        entry_points=f"[{PLUGIN_GROUP}]\n{module} = {module}\n[{API_GROUP}]\n{PLUGIN_API} = {module}\n"
        if plugin
        else "",
        tag=tag,
    )


def install(site: Path, wheel: tuple[str, bytes]) -> Path:
    """Install *wheel* into *site* as an installer does, and return its metadata directory."""
    site.mkdir(exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel[1])) as archive:
        archive.extractall(site)
    stem = "-".join(wheel[0].split("-")[:2])
    metadata = site / f"{stem}.dist-info"
    (metadata / "INSTALLER").write_text("pip")
    return metadata


def buildpack_source(path: Path, text: str = "") -> Path:
    """Make the source of a buildpack at *path*."""
    path.mkdir()
    (path / "buildpack.py").write_text(
        text
        or "from layerwright.buildpack import Buildpack\n"
        'buildpack = Buildpack(id="acme/python", version="1.2.3", plugins=("layerwright-acme",))\n'
    )
    return path
