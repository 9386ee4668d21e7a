"""What the layers of a build are for: this machine, or an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from layerwright.cnb.target import Target

__all__ = ["IMAGE_PATH", "Surroundings"]

IMAGE_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The search path of an image: https://github.com/buildpacks/spec/blob/main/platform.md"""


class Surroundings(NamedTuple):
    """What the processes of a build run on.

    ``providers`` are the sources of interpreters, in order, unless the configuration names one. ``target`` is what the
    layers are for, this machine if it is ``None``. ``launch_path`` is the search path at launch in addition to the
    layers, empty if it is not known. If ``retries``, a download of an interpreter that fails is tried again, later each
    time. If ``keeps_downloads``, what commands download is kept even if a later build cannot use it.
    """

    providers: tuple[str, ...] = ("system", "standalone")
    target: Target | None = None
    launch_path: str = IMAGE_PATH
    retries: bool = True
    keeps_downloads: bool = False
