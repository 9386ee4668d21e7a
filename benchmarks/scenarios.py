"""What is measured, and against what: each scenario puts its site in order, then names the commands to time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.site import Site
    from layerwright.command import Command

    Begin = Callable[[Site], None]
    Step = Callable[[Site, int], Sequence[Command]]

__all__ = ["SCENARIOS", "Scenario", "measure"]

_FRESH: Final = "venv + pip install"
_BARE: Final = "python -I -c pass"
# A start of the interpreter takes so little that it has to be measured more often.
_QUICK_FACTOR: Final = 7


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One thing to measure.

    *begin* puts the site in order once. *theirs* and *ours* are given the number of the turn; what they do before
    they return commands is not timed. *expect* is in what the build prints when it did what this is about.
    """

    name: str
    title: str
    against: str
    begin: Begin
    theirs: Step
    ours: Step
    expect: str
    aim: float | None = None
    quick: bool = False
    pythons: int = 1


def measure(scenario: Scenario, site: Site, runs: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return Layerwright's seconds and those of what it is measured against, taken in turns, *runs* times each."""
    scenario.begin(site)
    ours, theirs = [], []
    for turn in range(runs * _QUICK_FACTOR if scenario.quick else runs):
        theirs.append(site.time(scenario.theirs(site, turn)))
        ours.append(site.time(scenario.ours(site, turn), scenario.expect))
        if scenario.against == _FRESH:
            site.check_same()
    return tuple(ours), tuple(theirs)


def _unlocked(site: Site) -> None:
    """Have the direct requirements installed by both, and so every cache warm."""
    site.use(next(iter(site.pythons)))
    site.write(site.application.unlocked)
    site.run(site.build())
    site.forget_venv(downloads=False)
    site.run(site.fresh_venv())


def _locked(site: Site) -> None:
    site.use(next(iter(site.pythons)))
    site.write(site.application.locked)
    site.run(site.build())


def _nothing(site: Site) -> None:
    site.use(next(iter(site.pythons)))
    site.write(site.application.unlocked)


def _built_from(site: Site, *, downloads: bool) -> Sequence[Command]:
    site.forget_layers(downloads=downloads)
    return site.build()


def _fresh(site: Site, *, downloads: bool = False) -> Sequence[Command]:
    site.forget_venv(downloads=downloads)
    return site.fresh_venv()


def _fresh_changed(site: Site, turn: int) -> Sequence[Command]:
    site.write(site.application.unlocked if turn % 2 else site.application.changed)
    return _fresh(site)


def _fresh_reduced(site: Site, _turn: int) -> Sequence[Command]:
    site.write(site.application.unlocked)
    site.run(site.build())
    site.write(site.application.reduced)
    return _fresh(site)


def _fresh_python(site: Site, turn: int) -> Sequence[Command]:
    site.use(list(site.pythons)[(turn + 1) % 2])
    return _fresh(site)


SCENARIOS: Final = (
    Scenario(
        name="cold",
        title="cold build, nothing downloaded",
        against=_FRESH,
        begin=_nothing,
        theirs=lambda site, _: _fresh(site, downloads=True),
        ours=lambda site, _: _built_from(site, downloads=True),
        expect="Layer venv created",
        aim=1.05,
    ),
    Scenario(
        name="warm",
        title="cold build, downloads cached",
        against=_FRESH,
        begin=_unlocked,
        theirs=lambda site, _: _fresh(site),
        ours=lambda site, _: _built_from(site, downloads=False),
        expect="Layer venv created",
        aim=1.05,
    ),
    Scenario(
        name="unlocked",
        title="nothing changed, unlocked",
        against="pip's own resolution",
        begin=_unlocked,
        theirs=lambda site, _: site.resolution(),
        ours=lambda site, _: site.build(),
        expect="Layer venv kept",
        aim=1.1,
    ),
    Scenario(
        name="locked",
        title="nothing changed, hash-locked",
        against=_BARE,
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
        against=_FRESH,
        begin=_unlocked,
        theirs=_fresh_changed,
        ours=lambda site, _: site.build(),
        expect="Layer venv updated",
    ),
    Scenario(
        name="removed",
        title="one requirement removed",
        against=_FRESH,
        begin=_unlocked,
        theirs=_fresh_reduced,
        ours=lambda site, _: site.build(),
        expect="Layer venv updated",
    ),
    Scenario(
        name="python",
        title="Python changed",
        against=_FRESH,
        begin=_unlocked,
        theirs=_fresh_python,
        ours=lambda site, _: site.build(),
        expect="Layer python created",
        pythons=2,
    ),
    Scenario(
        name="detect",
        title="layerwright detect",
        against=_BARE,
        begin=_nothing,
        theirs=lambda site, _: site.interpreter(),
        ours=lambda site, _: site.layerwright("detect"),
        expect="pip, because",
        aim=4,
        quick=True,
    ),
)
