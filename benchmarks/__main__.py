"""``python -m benchmarks``: measures, prints tables, and writes every figure to ``benchmarks/results/``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from benchmarks import fleet_report, lifecycle_run, machine, phase_report, report
from benchmarks.applications import elsewhere, large, small
from benchmarks.catalogue import SCENARIOS
from benchmarks.images import IMAGE_SCENARIOS, measured_images
from benchmarks.managers import SITES
from benchmarks.scenarios import LeftOut, measure
from benchmarks.under_lifecycle import CNB_SCENARIOS
from layerwright.errors import LayerwrightError
from layerwright.output.log import Log, wants_colour
from layerwright.testing.loopback.index import PackageIndex
from tests.fixtures.wheelhouse import PYTHONS, TOOL_LOCKS, fill, tool_wheelhouse, wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.applications import Application
    from benchmarks.scenarios import Scenario
    from benchmarks.site import Site

_RESULTS: Final = Path(__file__).with_name("results")
_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
_APPLICATIONS: Final = {"small": small, "large": large}
# Packaging the ready-made buildpack downloads its own distributions, and uv.
_PACKAGED: Final = ("buildpack", "uv")
_NAMES: Final = [
    *(s.name for s in SCENARIOS),
    *(s.name for s in IMAGE_SCENARIOS),
    *(s.name for s in CNB_SCENARIOS),
    lifecycle_run.FLEET,
]

Result = report.Series | phase_report.Phases | fleet_report.Step


def main() -> int:
    """Run the measurements of the command line and return the exit status."""
    for number in _STOPPING:
        signal.signal(number, _stop)
    arguments = _parser().parse_args()
    log = Log(colour=wants_colour(sys.stdout, os.environ))
    pythons = machine.pythons()
    if not pythons:
        log.line(f"There is none of these interpreters on this machine: Python {', '.join(PYTHONS)}.")
        return 1
    try:
        facts = {**machine.facts(pythons), "clock": "processor" if arguments.processor else "elapsed"}
        results = []
        for result in _results(arguments, pythons, log):
            log.note(", ".join(filter(None, _row(result))))
            results.append(result)
    except LayerwrightError as error:
        log.error(error)
        return error.exit_status
    except subprocess.CalledProcessError as error:
        log.line(f"The distributions could not be fetched: pip ended with status {error.returncode}.")
        return 1
    except KeyboardInterrupt:
        log.line("\nStopped. Only the fetched distributions are left.")
        return 128 + signal.SIGINT
    log.heading(machine.words(facts))
    series = [result for result in results if isinstance(result, report.Series)]
    phases = [result for result in results if isinstance(result, phase_report.Phases)]
    steps = [result for result in results if isinstance(result, fleet_report.Step)]
    if series:
        log.table(report.HEADER, report.rows(series), right=report.RIGHT)
    if phases:
        log.table(phase_report.PHASE_HEADER, phase_report.phase_rows(phases), right=phase_report.PHASE_RIGHT)
    if steps:
        log.table(fleet_report.STEP_HEADER, fleet_report.step_rows(steps), right=fleet_report.STEP_RIGHT)
    document = report.as_json(series, facts)
    document["lifecycle"] = phase_report.phases_as_json(phases)
    document["fleet"] = fleet_report.steps_as_json(steps)
    log.note(f"Every figure: {_kept(document)}")
    return 0


def _row(result: Result) -> Sequence[str]:
    if isinstance(result, report.Series):
        return report.rows([result])[0]
    if isinstance(result, phase_report.Phases):
        return phase_report.phase_rows([result])[0]
    return fleet_report.step_rows([result])[0]


def _stop(_number: int, _frame: object) -> NoReturn:
    # Processes are ended and temporary files removed: a second signal must not interrupt that.
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=_positive, default=3, help="turns of each scenario (default: 3)")
    parser.add_argument(
        "--manager", action="append", choices=[*SITES], help="this package manager; can be repeated"
    )
    parser.add_argument("--only", action="append", choices=_NAMES, help="this scenario; can be repeated")
    parser.add_argument(
        "--before",
        type=Path,
        metavar="DIR",
        help="the virtual environment of an earlier Layerwright, to compare with under a lifecycle",
    )
    parser.add_argument(
        "--applications", type=_positive, default=50, help="applications of the fleet (default: 50)"
    )
    parser.add_argument(
        "--processor",
        action="store_true",
        help="measure processor time, which other processes on a busy machine affect less than elapsed time",
    )
    sizes = parser.add_mutually_exclusive_group()
    for size in _APPLICATIONS:
        sizes.add_argument(
            f"--{size}", dest="sizes", action="store_const", const=[size], help=f"the {size} application only"
        )
    parser.set_defaults(sizes=[*_APPLICATIONS])
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _results(arguments: argparse.Namespace, pythons: Mapping[str, Path], log: Log) -> Iterator[Result]:
    fill(wheelhouse())
    managers = dict.fromkeys(arguments.manager or SITES)
    tools = [name for name in TOOL_LOCKS if name in {*managers, *_PACKAGED}]
    for name in tools:
        fill(tool_wheelhouse(name), TOOL_LOCKS[name])
    with tempfile.TemporaryDirectory(prefix="layerwright-bench-") as directory:
        for size in arguments.sizes:
            application = _APPLICATIONS[size](tuple(pythons))
            with PackageIndex() as index:
                index.add(*elsewhere())
                for wheels in (*application.wheels, *map(tool_wheelhouse, tools)):
                    index.add_directory(wheels)
                for manager in managers:
                    new_site = partial(_site, SITES[manager], application, pythons, index, Path(directory))
                    with tempfile.TemporaryDirectory(dir=directory) as root:
                        yield from _measured(arguments, new_site(Path(root)), log)
                    if manager == "pip":
                        # The others differ in their layers alone.
                        with tempfile.TemporaryDirectory(dir=directory) as root:
                            yield from measured_images(arguments, new_site, Path(root), log)
                    with tempfile.TemporaryDirectory(dir=directory) as root:
                        yield from lifecycle_run.measured(arguments, new_site, Path(root), log)
        with tempfile.TemporaryDirectory(dir=directory) as root:
            yield from lifecycle_run.measured_fleet(arguments, pythons, tools, Path(root), log)


def _site(
    kind: type[Site],
    application: Application,
    pythons: Mapping[str, Path],
    index: PackageIndex,
    tools: Path,
    root: Path,
) -> Site:
    return kind(root, application, pythons, index, tools)


def _measured(arguments: argparse.Namespace, site: Site, log: Log) -> Iterator[report.Series]:
    for scenario in SCENARIOS:
        if not _is_asked_for(scenario, site, arguments):
            continue
        log.line(f"{site.application.name}, {site.manager}: {scenario.title}")
        if scenario.pythons > len(site.pythons):
            log.note("Left out: this machine has one interpreter only.")
            continue
        try:
            yield measure(scenario, site, arguments.runs, processor=arguments.processor)
        except LeftOut as reason:
            log.note(f"Left out: {reason}.")


def _is_asked_for(scenario: Scenario, site: Site, arguments: argparse.Namespace) -> bool:
    applies = site.manager in scenario.managers and site.application.name in scenario.sizes
    return applies and scenario.name in (arguments.only or [scenario.name])


def _kept(document: Mapping[str, Any]) -> Path:
    _RESULTS.mkdir(exist_ok=True)
    path = _RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
