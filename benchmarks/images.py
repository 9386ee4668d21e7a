"""Images: ``layerwright image`` to a registry, against a build with the lifecycle and a copy of the same layers."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.place import remove
from benchmarks.report import Series
from layerwright.process.command import Command
from tests.fixtures.base_image import write_base_image
from tests.lifecycle.real import find_lifecycle
from tests.lifecycle.registry import Registry, why_no_registry

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.site import Site
    from layerwright.output.log import Log

__all__ = ["IMAGE_SCENARIOS", "ImageScenario", "ImageSite", "measure_images", "measured_images", "with_older"]

_OLDER: Final = Path(__file__).with_name("older.txt")
_IMAGE: Final = "app"


def with_older(locked: str, older: str) -> str:
    """Return the requirements *locked* by hash with the first one of *older* in place of its other version."""
    [requirement] = re.findall(r"\A(?:#.*\n)*((\S+)==.*\n(?: .*\n)*)", older)
    text, name = requirement
    return re.sub(rf"(?m)^{re.escape(name)}==.*\n(?: .*\n)*", text.replace("\\", r"\\"), locked)


class ImageSite:
    """The images of the application of *site*, whose requirements are locked by hash, in *registry*.

    Their copies are in *other*: in one registry, skopeo would have it mount what it has, and send nothing.
    The base is at hand, as an OCI layout in *root*. *lifecycle* is the directory of a lifecycle's programs, if there
    is one: it writes an OCI layout, and sends nothing.
    """

    def __init__(
        self, site: Site, registry: Registry, other: Registry, lifecycle: Path | None, root: Path
    ) -> None:
        self.site: Final = site
        self.lifecycle: Final = lifecycle
        self._registry: Final = registry
        self._other: Final = other
        self._base: Final = root / "base"
        self._layout: Final = root / "copied"
        self._edits = 0
        self._repository = 0
        self._is_older = False
        write_base_image(self._base)
        site.write(site.locked)

    def image(self) -> list[Command]:
        """Return the command that builds and pushes."""
        name = f"{self._registry.address}/{_IMAGE}-{self._repository}:latest"
        return self.site.layerwright("image", "--base", f"oci:{self._base}", "--push", name)

    def with_lifecycle(self) -> list[Command]:
        """Return the command that builds with the lifecycle."""
        [build] = self.site.layerwright("build", "--lifecycle", str(self.lifecycle))
        argv = (*build.argv, "--run-image", str(self._base))
        return [Command(argv=argv, shown="layerwright build --lifecycle")]

    def copy(self) -> list[Command]:
        """Take the pushed image from the registry, and return the command that sends it to the other one."""
        remove(self._layout)
        self._registry.pull(f"{_IMAGE}-{self._repository}", f"oci:{self._layout}")
        name = f"docker://{self._other.address}/{_IMAGE}-{self._repository}"
        words = ("skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false")
        env = {"PATH": os.defpath}
        return [Command(argv=(*words, f"oci:{self._layout}", name), env=env, shown="skopeo copy")]

    def forget(self) -> None:
        """Remove layers and every cache, and continue with repositories that have nothing."""
        self.site.forget_layers(downloads=True)
        self._repository += 1

    def change_source(self) -> None:
        """Change a module of the application."""
        self._edits += 1
        self.site.write_module("more", f"MORE = {self._edits}\n")

    def change_requirement(self) -> None:
        """Lock one requirement to another version, in every other turn back."""
        self._is_older = not self._is_older
        locked = self.site.locked
        self.site.write(with_older(locked, _OLDER.read_text()) if self._is_older else locked)


@dataclass(frozen=True, kw_only=True)
class ImageScenario:
    """One image after *prepare*. *most* is the aim in seconds. The log of the build must have *expect*.

    If the image is the *first*, every cache is removed before each command.
    """

    name: str
    title: str
    prepare: Callable[[ImageSite], None]
    expect: str
    most: float | None = None
    first: bool = False


IMAGE_SCENARIOS: Final[Sequence[ImageScenario]] = (
    ImageScenario(
        name="image-first",
        title="first image",
        prepare=ImageSite.forget,
        expect="; 0 were there.",
        first=True,
    ),
    ImageScenario(
        name="image-no-op",
        title="image, nothing changed",
        prepare=lambda _: None,
        expect="Nothing sent: the registry had everything.",
        most=1,
    ),
    ImageScenario(
        name="image-source",
        title="image, source changed",
        prepare=ImageSite.change_source,
        expect="Layer venv kept",
        most=1.5,
    ),
    ImageScenario(
        name="image-changed",
        title="image, one dependency changed",
        prepare=ImageSite.change_requirement,
        expect="Layer venv updated",
    ),
)


def measure_images(scenario: ImageScenario, images: ImageSite, runs: int, *, processor: bool) -> list[Series]:
    """Return the seconds of ``layerwright image``, in turns with those of each way to compare it with."""
    site = images.site
    if not scenario.first:
        for commands in (images.image, *([images.with_lifecycle] if images.lifecycle else []), images.copy):
            site.run(commands())
    ours: list[float] = []
    theirs: dict[str, list[float]] = {}
    for _ in range(runs):
        scenario.prepare(images)
        seconds, _printed = site.time(images.image(), scenario.expect, processor=processor)
        ours.append(seconds)
        # Before the caches are removed for the lifecycle, which has no repository.
        [copy] = images.copy()
        theirs.setdefault(copy.words, []).append(site.time([copy], processor=processor)[0])
        if images.lifecycle is not None:
            if scenario.first:
                site.forget_layers(downloads=True)
            [build] = images.with_lifecycle()
            theirs.setdefault(build.words, []).append(site.time([build], processor=processor)[0])
    return [
        Series(
            application=site.application.name,
            manager=site.manager,
            scenario=scenario.title,
            against=against,
            # The aims are seconds of this command alone.
            aim=None,
            ours=tuple(ours),
            theirs=tuple(seconds),
            note=_note(scenario.most, ours),
        )
        for against, seconds in theirs.items()
    ]


def _note(most: float | None, ours: Sequence[float]) -> str:
    if most is None:
        return ""
    return f"at most {most:g} s: {'met' if median(ours) <= most else 'missed'}"


def measured_images(
    arguments: argparse.Namespace, new_site: Callable[[Path], Site], root: Path, log: Log
) -> Iterator[Series]:
    """Yield the results of each scenario that is asked for; *new_site* returns the application's site."""
    scenarios = [s for s in IMAGE_SCENARIOS if s.name in (arguments.only or [s.name])]
    if not scenarios:
        return
    if reason := why_no_registry():
        log.line(f"Images: left out: {reason}.")
        return
    for folder in ("site", "registry", "other"):
        (root / folder).mkdir(parents=True)
    with Registry.served(root / "registry") as registry, Registry.served(root / "other") as other:
        site = new_site(root / "site")
        images = ImageSite(site, registry, other, find_lifecycle(), root)
        for scenario in scenarios:
            log.line(f"{site.application.name}, {site.manager}: {scenario.title}")
            yield from measure_images(scenario, images, arguments.runs, processor=arguments.processor)
