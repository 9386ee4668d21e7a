"""The real lifecycle phase by phase, each timed, with its images in a registry on loopback."""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from tests.lifecycle.image import Image
from tests.lifecycle.lifecycle import PLATFORM_API, Platform
from tests.lifecycle.real import BUILDER, FivePhases
from tests.lifecycle.registry import RegistryLifecycle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.lifecycle.lifecycle import Member, Target
    from tests.lifecycle.registry import Registry

__all__ = ["PHASES", "TimedLifecycle", "added_layers"]

PHASES: Final = ("restore", "build", "export")
"""The phases whose time depends on the size of the layers."""

_PROGRAMS: Final = {"restorer": "restore", "builder": "build", "exporter": "export"}


class TimedLifecycle(RegistryLifecycle, FivePhases):
    """The lifecycle in *directory*, below *root*, with its images in *registry*: five phases one after the other.

    After a build, *seconds* has the time of each phase on *clock*, and *log* what they wrote. Only if it *fetches*
    does a build return its image: copying the layers from the registry would take longer than the build. If it
    *settles*, a phase begins when everything is on the disk.
    """

    name: ClassVar[str] = "timed"

    def __init__(self, root: Path, directory: Path, registry: Registry) -> None:
        super().__init__(root, directory, registry)
        self.seconds: dict[str, float] = {}
        self.log = ""
        self.clock: Callable[[], float] = time.perf_counter
        self.fetches = False
        self.settles = True
        self._offered = b""
        self._rebaser = self._bin / "rebaser"
        self._rebaser.symlink_to(directory / "lifecycle")

    @override
    def _build(self, order: Sequence[Sequence[Member]], platform: Platform) -> Image:
        self.seconds = {}
        if self.fetches:
            image = super()._build(order, platform)
            self.log = image.log
            return image
        self._set_up(order, platform)
        self.log = self._run_phases(platform)
        return Image(
            digest="", blobs=(), labels={}, env={}, entrypoint=(), working_directory="", log=self.log
        )

    @override
    def _phase(self, platform: Platform, phase: str, *options: str, user: int = 0) -> str:
        if self.settles:
            # Earlier writes must not be paid for now.
            os.sync()
        started = self.clock()
        log = super()._phase(platform, phase, *options, user=user)
        if phase in _PROGRAMS:
            self.seconds[_PROGRAMS[phase]] = self.clock() - started
        return log

    @override
    def _offer_run_image(self, target: Target) -> None:
        if self._offered != self._run_layer:
            super()._offer_run_image(target)
            self._offered = self._run_layer

    def own_store(self) -> Path:
        """Return a store of layers that the user who builds owns: Layerwright uses no other."""
        store = self.home / "store"
        if not store.exists():
            store.mkdir(0o700)
            os.chown(store, BUILDER, BUILDER)
        return store

    def use_run_image(self, layer: bytes) -> None:
        """Offer another run image, which consists of the gzipped *layer*, in the place of the last one."""
        self._run_layer = layer
        self._offer_run_image(Platform().target)

    def rebase(self) -> None:
        """Put the last image on the run image that is offered now."""
        subprocess.run(
            [
                *(self._rebaser, "-no-color", f"-run-image={self._run_image}"),
                # By default, in the root directory.
                f"-report={self.root / 'report.toml'}",
                *(*self._places, self._image),
            ],
            env={**self.process_environment(Platform()), "CNB_PLATFORM_API": PLATFORM_API},
            cwd=self.root,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def added_layers(log: str, buildpack: str) -> list[str]:
    """Return the layers of *buildpack* that differ from those of the last image, by the *log* of the exporter."""
    return re.findall(rf"^Adding layer '{re.escape(buildpack)}:(.*)'$", log, re.MULTILINE)
