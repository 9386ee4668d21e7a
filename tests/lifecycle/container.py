"""The real lifecycle on a run image that has an operating system, so that its processes start in containers."""

from __future__ import annotations

import gzip
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import pytest
from typing_extensions import override

from tests.fixtures.podman import Podman, why_no_podman
from tests.lifecycle.real import RealLifecycle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.lifecycle.image import Image
    from tests.lifecycle.lifecycle import Member, Platform

__all__ = ["BASE_IMAGE", "ContainerLifecycle", "base_image", "why_no_container"]

# Now: later, the settings of the user who runs the tests are replaced.
BASE_IMAGE: Final = os.environ.get("LAYERWRIGHT_BASE_IMAGE", "")
"""The archive of a root file system that runs what is copied from this machine; without one it is made."""

_LIBRARIES: Final = (
    "ca-certificates",
    *("libbz2-1.0", "libffi8", "liblzma5", "libncursesw6", "libreadline8", "libsqlite3-0", "libssl3"),
    *("libuuid1", "zlib1g"),
)
"""What an interpreter of this machine may be linked to."""


def why_no_container() -> str:
    """Return why no container can be started here, nothing if one may be."""
    if why_no_podman():
        return why_no_podman()
    if not BASE_IMAGE and shutil.which("mmdebstrap") is None:
        return "needs mmdebstrap on PATH"
    release = platform.freedesktop_os_release()
    if not BASE_IMAGE and release.get("VERSION_CODENAME") != "bookworm":
        return "makes an image for Debian 12 alone: LAYERWRIGHT_BASE_IMAGE is the root file system of another"
    return ""


def base_image(folder: Path) -> Path:
    """Return the archive of a root file system, made in *folder* if none is named."""
    if BASE_IMAGE:
        return Path(BASE_IMAGE)
    archive = folder / "base.tar"
    options = ["--quiet", "--variant=minbase", f"--include={','.join(_LIBRARIES)}"]
    made = subprocess.run(
        ["mmdebstrap", *options, "bookworm", archive], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"mmdebstrap makes no image here: {made.stderr[-500:]}")
    return archive


class ContainerLifecycle(RealLifecycle):
    """The real lifecycle with the root file system in the archive *base* for a run image.

    A process starts in a container of *podman*. *options* of ``podman run`` are for every container that is started
    from then on.
    """

    name: ClassVar[str] = "container"

    def __init__(self, root: Path, directory: Path, base: Path) -> None:
        super().__init__(root, directory)
        self.options: tuple[str, ...] = ()
        self.podman = Podman(root)
        self._run_layer = gzip.compress(base.read_bytes(), compresslevel=1, mtime=0)
        self._loaded: dict[str, str] = {}

    @override
    def _build(self, order: Sequence[Sequence[Member]], platform: Platform) -> Image:
        image = super()._build(order, platform)
        self._loaded[image.digest] = self.podman.pull(image.blobs[0].path.parents[2])
        return image

    @override
    def start(
        self, image: Image, process: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        entrypoint = f"/cnb/process/{process}" if process else "/cnb/lifecycle/launcher"
        options = (f"--entrypoint={entrypoint}", *self.options)
        return self.podman.start(self._loaded[image.digest], *arguments, options=options, env=env)
