"""The run of the scenarios under a real lifecycle, where there is one."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.applications import elsewhere, small
from benchmarks.fleet import KINDS, Fleet, distributions
from benchmarks.managers import SITES
from benchmarks.patched import can_be_patched
from benchmarks.phases import TimedLifecycle
from benchmarks.place import processor_seconds
from benchmarks.scenarios import LeftOut
from benchmarks.traffic import Traffic
from benchmarks.under_lifecycle import CNB_SCENARIOS, BuildpackSite, measure_phases
from layerwright.testing.loopback.index import PackageIndex
from tests.fixtures.wheelhouse import tool_wheelhouse
from tests.lifecycle.real import find_lifecycle
from tests.lifecycle.registry import Registry, why_no_registry

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.fleet_report import Step
    from benchmarks.phase_report import Phases
    from benchmarks.site import Site
    from layerwright.output.log import Log

__all__ = ["FLEET", "measured", "measured_fleet"]

FLEET: Final = "fleet"
"""The name of the scenario of many applications."""

_HERE: Final = Path(sys.executable).with_name("layerwright")


def _why_no_lifecycle() -> str:
    """Return what this machine lacks for a build under a real lifecycle, nothing if it lacks nothing."""
    if find_lifecycle() is None:
        return "no lifecycle found: LAYERWRIGHT_LIFECYCLE names the directory that has it"
    if os.getuid() != 0:
        return "the lifecycle exports as root only"
    if shutil.which("setpriv") is None:
        return "needs setpriv on PATH"
    return why_no_registry()


def measured(
    arguments: argparse.Namespace, new_site: Callable[[Path], Site], root: Path, log: Log
) -> Iterator[Phases]:
    """Yield the result of each scenario under the lifecycle; *new_site* returns the application's site."""
    scenarios = [s for s in CNB_SCENARIOS if s.name in (arguments.only or [s.name])]
    if not scenarios:
        return
    if reason := _why_no_lifecycle():
        log.line(f"Under a lifecycle: left out: {reason}.")
        return
    scripts = _scripts(arguments)
    with ExitStack() as stack:
        sites = {name: _site(new_site, script, root / name, stack) for name, script in scripts.items()}
        if arguments.processor:
            for each in sites.values():
                each.lifecycle.clock = processor_seconds
        now, before = sites["now"], sites.get("before")
        for scenario in scenarios:
            site = now.site
            log.line(f"{site.application.name}, {site.manager}, under the lifecycle: {scenario.title}")
            try:
                yield measure_phases(scenario, now, before, arguments.runs)
            except LeftOut as reason:
                log.note(f"Left out: {reason}.")


def measured_fleet(
    arguments: argparse.Namespace, pythons: Mapping[str, Path], tools: Sequence[str], root: Path, log: Log
) -> Iterator[Step]:
    """Yield each step of the fleet, with what it pushed; *tools* are the package managers that the index offers."""
    if FLEET not in (arguments.only or [FLEET]):
        return
    if reason := _why_no_lifecycle():
        log.line(f"Fleet: left out: {reason}.")
        return
    count = arguments.applications
    minor = next((minor for minor, path in pythons.items() if can_be_patched(path)), next(iter(pythons)))
    for name, script in _scripts(arguments).items():
        place = root / name
        (place / "registry").mkdir(parents=True)
        with ExitStack() as stack:
            index = stack.enter_context(PackageIndex())
            index.add(*elsewhere())
            distributions(count, index)
            for tool in tools:
                index.add_directory(tool_wheelhouse(tool))
            sites = {}
            for manager in {manager for manager, _ in KINDS}:
                (place / manager).mkdir()
                kind = SITES[manager]
                sites[manager] = kind(place / manager, small(tuple(pythons)), pythons, index, root)
                sites[manager].use(minor)
            buildpack = place / "buildpack"
            sites["pip"].run(sites["pip"].packaging(buildpack, script))
            registry = stack.enter_context(Registry.served(place / "registry"))
            traffic = stack.enter_context(Traffic.counted(registry.address))
            fleet = Fleet(
                name=name,
                count=count,
                root=place,
                buildpack=buildpack,
                sites=sites,
                lifecycle=_lifecycle(place, Registry(registry.root, traffic.address)),
                traffic=traffic,
                python=pythons[minor],
            )
            for step in fleet.steps():
                log.line(f"Fleet of {count}, {name}: {step.name}: {step.seconds:.0f} s")
                yield step


def _scripts(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the scripts of the Layerwrights to measure: this one, and an earlier one if it is given."""
    if arguments.before is None:
        return {"now": _HERE}
    # Two builds that are compared follow one another.
    return {"before": arguments.before.absolute() / "bin" / "layerwright", "now": _HERE}


def _site(new_site: Callable[[Path], Site], script: Path, root: Path, stack: ExitStack) -> BuildpackSite:
    (root / "site").mkdir(parents=True)
    (root / "registry").mkdir()
    registry = stack.enter_context(Registry.served(root / "registry"))
    return BuildpackSite(new_site(root / "site"), _lifecycle(root, registry), script, root)


def _lifecycle(root: Path, registry: Registry) -> TimedLifecycle:
    directory = find_lifecycle()
    assert directory is not None
    return TimedLifecycle(root / "lifecycle", directory, registry)
