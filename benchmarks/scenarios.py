"""A scenario: it prepares its site, then returns the commands to time, in turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.report import Series, layer_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.site import Site
    from layerwright.process.command import Command

    Begin = Callable[[Site], None]
    Step = Callable[[Site, int], Sequence[Command]]
    Read = Callable[[str, float], float]

__all__ = ["LeftOut", "Scenario", "measure"]

_MANAGERS: Final = ("pip", "uv", "poetry")
# A start of the interpreter is so short that it has to be measured more often.
_QUICK_FACTOR: Final = 7


class LeftOut(Exception):
    """This machine lacks what a scenario needs; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One measurement.

    *begin* prepares the site once. *theirs* and *ours* get the number of the turn; what they do before they return
    commands is not timed. The build must print *expect*, with the package manager's name for ``{manager}``. With
    *same*, both virtual environments must then hold the same distributions. *managers* and *sizes* are those that the
    scenario applies to. The aim is a ratio, which can depend on the size and the package manager, or else a *margin*
    in seconds. With *processor*, processor time is measured. *read* and *read_theirs* return the seconds that count
    from the output and the elapsed ones, *note* what the report repeats from the output.
    """

    name: str
    title: str
    begin: Begin
    theirs: Step
    ours: Step
    expect: str
    aim: float | Mapping[tuple[str, str], float] | None = None
    margin: float | None = None
    read: Read | None = None
    read_theirs: Read | None = None
    note: Callable[[str], str] | None = None
    processor: bool = False
    same: bool = False
    quick: bool = False
    pythons: int = 1
    managers: tuple[str, ...] = _MANAGERS
    sizes: tuple[str, ...] = ("small", "large")

    def aim_of(self, size: str, manager: str) -> float | None:
        """Return the aim for the application *size* with *manager*."""
        return self.aim.get((size, manager)) if isinstance(self.aim, Mapping) else self.aim


def measure(scenario: Scenario, site: Site, runs: int, *, processor: bool = False) -> Series:
    """Return the seconds of Layerwright and of the bare tool, in turns, *runs* times each.

    With *processor*, measure processor time in any scenario. Raise ``LeftOut`` if this machine lacks what the scenario
    needs.
    """
    scenario.begin(site)
    processor = processor or scenario.processor
    against, note = "", ""
    layers: Mapping[str, float] = {}
    ours, theirs = [], []
    for turn in range(runs * _QUICK_FACTOR if scenario.quick else runs):
        commands = scenario.theirs(site, turn)
        against = " && ".join(command.words for command in commands)
        seconds, printed = site.time(commands, processor=processor)
        theirs.append(scenario.read_theirs(printed, seconds) if scenario.read_theirs else seconds)
        expect = scenario.expect.format(manager=site.manager)
        seconds, printed = site.time(scenario.ours(site, turn), expect, processor=processor)
        ours.append(scenario.read(printed, seconds) if scenario.read else seconds)
        layers = layer_seconds(printed)
        note = scenario.note(printed) if scenario.note else ""
        if scenario.same:
            site.check_same()
    return Series(
        application=site.application.name,
        manager=site.manager,
        scenario=scenario.title,
        against=against,
        aim=scenario.aim_of(site.application.name, site.manager),
        ours=tuple(ours),
        theirs=tuple(theirs),
        margin=scenario.margin,
        note=note,
        layers=layers,
    )
