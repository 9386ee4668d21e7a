"""The scenarios: each prepares its site, then returns the commands to time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.report import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.site import Site
    from layerwright.process.command import Command

    Begin = Callable[[Site], None]
    Step = Callable[[Site, int], Sequence[Command]]

__all__ = ["SCENARIOS", "Scenario", "measure"]

_MANAGERS: Final = ("pip", "uv", "poetry")
# A start of the interpreter is so short that it has to be measured more often.
_QUICK_FACTOR: Final = 7


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One measurement.

    *begin* prepares the site once. *theirs* and *ours* get the number of the turn; what they do before they return
    commands is not timed. The build must print *expect*, with the package manager's name for ``{manager}``. With
    *same*, both virtual environments must then hold the same distributions. *managers* are those that the scenario
    applies to. The aim is a ratio, or else a *margin* in seconds. With *processor*, processor time is measured.
    """

    name: str
    title: str
    begin: Begin
    theirs: Step
    ours: Step
    expect: str
    aim: float | None = None
    margin: float | None = None
    processor: bool = False
    same: bool = False
    quick: bool = False
    pythons: int = 1
    managers: tuple[str, ...] = _MANAGERS


def measure(scenario: Scenario, site: Site, runs: int) -> Series:
    """Return the seconds of Layerwright and of the bare tool, in turns, *runs* times each."""
    scenario.begin(site)
    against = ""
    ours, theirs = [], []
    for turn in range(runs * _QUICK_FACTOR if scenario.quick else runs):
        commands = scenario.theirs(site, turn)
        against = " && ".join(command.words for command in commands)
        theirs.append(site.time(commands, processor=scenario.processor))
        expect = scenario.expect.format(manager=site.manager)
        ours.append(site.time(scenario.ours(site, turn), expect, processor=scenario.processor))
        if scenario.same:
            site.check_same()
    return Series(
        application=site.application.name,
        manager=site.manager,
        scenario=scenario.title,
        against=against,
        aim=scenario.aim,
        ours=tuple(ours),
        theirs=tuple(theirs),
        margin=scenario.margin,
    )


def _unlocked(site: Site) -> None:
    """Install the direct requirements with both, which also fills every cache."""
    _nothing(site)
    site.run(site.build())
    site.forget_venv()
    site.run(site.fresh())


def _locked(site: Site) -> None:
    site.use(next(iter(site.pythons)))
    site.write(site.locked)
    site.run(site.build())


def _nothing(site: Site) -> None:
    site.use(next(iter(site.pythons)))
    site.write(site.application.unlocked)


def _packaged(site: Site) -> None:
    """Package the buildpack, and create an application of a thousand files."""
    _nothing(site)
    site.package()
    site.write_files(1000)


def _built_from(site: Site, *, downloads: bool) -> Sequence[Command]:
    site.forget_layers(downloads=downloads)
    return site.build()


def _fresh(site: Site, *, downloads: bool = True) -> Sequence[Command]:
    site.forget_venv()
    if not (downloads and site.keeps_cache):
        site.forget_downloads()
    return site.fresh()


def _update(site: Site) -> Sequence[Command]:
    if not site.keeps_cache:
        site.forget_downloads()
    return site.update()


def _changed(site: Site, turn: int) -> Sequence[Command]:
    site.write(site.application.unlocked if turn % 2 else site.application.changed)
    return _update(site)


def _reduced(site: Site, _turn: int) -> Sequence[Command]:
    site.write(site.application.unlocked)
    site.run(site.build())
    if site.converges:
        site.run(site.update())
    site.write(site.application.reduced)
    return _update(site)


def _other_python(site: Site, turn: int) -> Sequence[Command]:
    site.use(list(site.pythons)[(turn + 1) % 2])
    return _fresh(site)


SCENARIOS: Final = (
    Scenario(
        name="cold",
        title="cold build, nothing downloaded",
        begin=_nothing,
        theirs=lambda site, _: _fresh(site, downloads=False),
        ours=lambda site, _: _built_from(site, downloads=True),
        expect="Layer venv created",
        aim=1.05,
        same=True,
    ),
    Scenario(
        name="warm",
        title="cold build, downloads cached",
        begin=_unlocked,
        theirs=lambda site, _: _fresh(site),
        ours=lambda site, _: _built_from(site, downloads=False),
        expect="Layer venv created",
        aim=1.05,
        same=True,
        # The uv plugin removes uv's cache at the end of every build.
        managers=("pip", "poetry"),
    ),
    Scenario(
        name="unlocked",
        title="nothing changed, unlocked",
        begin=_unlocked,
        theirs=lambda site, _: site.nothing(),
        ours=lambda site, _: site.build(),
        expect="Layer venv kept",
        aim=1.1,
        managers=("pip",),
    ),
    Scenario(
        name="no-op",
        title="nothing changed, the tool's own way",
        begin=_unlocked,
        theirs=lambda site, _: site.nothing(),
        ours=lambda site, _: site.build(),
        expect="Layer venv kept",
        same=True,
        quick=True,
        managers=("uv", "poetry"),
    ),
    Scenario(
        name="locked",
        title="nothing changed, hash-locked",
        begin=_locked,
        theirs=lambda site, _: site.interpreter(),
        ours=lambda site, _: site.build(),
        expect="Layer venv kept",
        aim=12,
        quick=True,
    ),
    Scenario(
        name="changed",
        title="one requirement changed",
        begin=_unlocked,
        theirs=_changed,
        ours=lambda site, _: site.build(),
        expect="Layer venv updated",
        aim=1.1,
        same=True,
    ),
    Scenario(
        name="removed",
        title="one requirement removed",
        begin=_unlocked,
        theirs=_reduced,
        ours=lambda site, _: site.build(),
        expect="Layer venv updated",
        same=True,
    ),
    Scenario(
        name="python",
        title="Python changed",
        begin=_unlocked,
        theirs=_other_python,
        ours=lambda site, _: site.build(),
        expect="Layer python created",
        same=True,
        pythons=2,
    ),
    Scenario(
        name="detect",
        title="layerwright detect",
        begin=_nothing,
        theirs=lambda site, _: site.interpreter(),
        ours=lambda site, _: site.layerwright("detect"),
        expect="{manager}, because",
        aim=4,
        quick=True,
    ),
    Scenario(
        name="plugins",
        title="layerwright detect with 30 plugins",
        begin=_nothing,
        # No fewer than are installed here.
        theirs=lambda site, _: site.detect_among(3),
        ours=lambda site, _: site.detect_among(30),
        expect="pip, because",
        margin=0.02,
        processor=True,
        quick=True,
        managers=("pip",),
    ),
    Scenario(
        name="bin-detect",
        title="bin/detect of the packaged buildpack",
        begin=_packaged,
        theirs=lambda site, _: site.packaged_interpreter(),
        ours=lambda site, _: site.packaged_detect(),
        expect="pip, because",
        aim=4,
        quick=True,
        # Which package manager it is makes no difference.
        managers=("pip",),
    ),
)
