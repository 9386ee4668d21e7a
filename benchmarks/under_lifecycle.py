"""The scenarios under a real lifecycle: the packaged buildpack, and that of an earlier Layerwright to compare with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks import program, steps
from benchmarks.patched import can_be_patched, patched
from benchmarks.phase_report import Phases
from benchmarks.report import layer_seconds
from benchmarks.scenarios import LeftOut
from tests.lifecycle.image import remove
from tests.lifecycle.lifecycle import Platform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.phases import TimedLifecycle
    from benchmarks.site import Site
    from tests.lifecycle.image import Image

    Prepare = Callable[["BuildpackSite"], None]

__all__ = ["CNB_SCENARIOS", "BuildpackSite", "CnbScenario", "measure_phases"]

_LAYERS: Final = "layerwright_python"


class BuildpackSite:
    """The application of *site*, built by the buildpack of the script *layerwright* under *lifecycle*.

    It requests a Python that can be made to report another patch release, if the machine has one.
    """

    def __init__(self, site: Site, lifecycle: TimedLifecycle, layerwright: Path, root: Path) -> None:
        self.site: Final = site
        self.lifecycle: Final = lifecycle
        self.patch: Path | None = None
        self.store: Path | None = None
        self._root = root
        self._buildpack = root / "buildpack"
        patchable = (minor for minor, path in site.pythons.items() if can_be_patched(path))
        self._minor = next(patchable, next(iter(site.pythons)))
        site.use(self._minor)
        site.run(site.packaging(self._buildpack, layerwright))
        site.write(site.application.unlocked, lifecycle.app)
        (lifecycle.app / ".python-version").write_text(f"{self._minor}\n")
        (lifecycle.app / "Procfile").write_text(f"web: python {program.NAME}\n")
        program.write(lifecycle.app, 200)
        self._first: Image | None = self.build()
        if can_be_patched(site.pythons[self._minor]):
            patched(lifecycle.layers / _LAYERS / "python", root / "patched")
        self._restore = lifecycle.keep()

    def restore(self) -> None:
        """Bring back the application, the cache and the image as they were after the first build."""
        self.patch = self.store = None
        self.lifecycle.repository = "app"
        self._restore()

    def build(self) -> Image:
        """Build once."""
        python = self.patch or self.site.pythons[self._minor].parents[1]
        env = {**self.site.index_env, "PATH": f"{python / 'bin'}{os.pathsep}{os.defpath}"}
        if self.store is not None:
            env["LAYERWRIGHT_STORE"] = str(self.store)
        return self.lifecycle.build(self._buildpack, platform=Platform(env=env))

    def build_first(self) -> Image:
        """Build with neither an image nor a cache; the first time, return the image of the very first build."""
        image, self._first = self._first, None
        if image is not None:
            return image
        self.lose_everything()
        return self.build()

    def change_source(self) -> None:
        """Add a module to the application."""
        (self.lifecycle.app / "more.py").write_text("MORE = True\n")

    def change_requirement(self) -> None:
        """Change one requirement to another version."""
        self.site.write(self.site.application.changed, self.lifecycle.app)

    def patch_python(self) -> None:
        """Offer the next patch release of Python instead of the original."""
        self.patch = self._root / "patched"
        if not self.patch.exists():
            raise LeftOut("no interpreter of this machine can be made to report another patch release")

    def lose_everything(self) -> None:
        """Have neither an image nor a cache."""
        self.lifecycle.lose_cache()
        self.lifecycle.lose_image()

    def build_another(self) -> None:
        """Build another application with a store, then have neither an image nor a cache, but the store."""
        remove(self.lifecycle.own_store())
        self.store = self.lifecycle.own_store()
        self.lose_everything()
        self.build()
        self.lose_everything()

    def start(self) -> str:
        """Build, start the program of the image, and return what it prints."""
        self.lifecycle.fetches = True
        try:
            image = self.build()
        finally:
            self.lifecycle.fetches = False
        return self.lifecycle.launch(image, "web", env=program.READ_ONLY).output


@dataclass(frozen=True, kw_only=True)
class CnbScenario:
    """One build under a lifecycle, after a first one and *prepare*. The aim is a ratio to an earlier Layerwright.

    *note* is what the report repeats from the log. With *starts*, the program of the image is started too, and the
    note is about its output. A *first* build is measured at its first turn when the site is created.
    """

    name: str
    title: str
    prepare: Prepare
    aim: float | None = None
    note: Callable[[str], str] = steps.venv_result
    starts: bool = False
    first: bool = False


def measure_phases(
    scenario: CnbScenario, site: BuildpackSite, before: BuildpackSite | None, runs: int
) -> Phases:
    """Return the seconds of each phase, in turns with those of *before*; ``LeftOut``: this machine lacks something."""
    layers: dict[str, float] = {}
    turns: dict[BuildpackSite, list[dict[str, float]]] = {site: []}
    notes: dict[BuildpackSite, str] = {}
    if before is not None:
        turns = {before: [], site: []}
    for _ in range(runs):
        for each, seconds in turns.items():
            if scenario.first:
                log = each.build_first().log
            else:
                each.restore()
                scenario.prepare(each)
                log = each.start() if scenario.starts else each.build().log
            notes[each] = scenario.note(log)
            layers = layer_seconds(each.lifecycle.log)
            seconds.append(each.lifecycle.seconds)
    return Phases(
        application=site.site.application.name,
        manager=site.site.manager,
        scenario=scenario.title,
        aim=scenario.aim,
        ours=tuple(turns[site]),
        before=() if before is None else tuple(turns[before]),
        note=notes[site],
        layers=layers,
        note_before="" if before is None else notes[before],
    )


CNB_SCENARIOS: Final[Sequence[CnbScenario]] = (
    CnbScenario(name="cnb-first", title="first build", prepare=lambda _: None, aim=0.7, first=True),
    CnbScenario(name="cnb-no-op", title="nothing changed", prepare=lambda _: None, aim=0.2),
    CnbScenario(name="cnb-source", title="source changed", prepare=BuildpackSite.change_source, aim=0.2),
    CnbScenario(
        name="cnb-changed",
        title="one requirement changed",
        prepare=BuildpackSite.change_requirement,
        aim=0.5,
    ),
    CnbScenario(name="cnb-patch", title="patch release of Python", prepare=BuildpackSite.patch_python),
    CnbScenario(
        name="cnb-revisit",
        title="no image, every wheel in the cache",
        prepare=lambda site: site.lifecycle.lose_image(),
    ),
    CnbScenario(
        name="cnb-second-app",
        title="second application, with a store",
        prepare=BuildpackSite.build_another,
    ),
    CnbScenario(
        name="cnb-read-only-start",
        title="nothing changed, and started",
        prepare=lambda _: None,
        note=program.compiled,
        starts=True,
    ),
)
