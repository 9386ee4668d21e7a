"""``python -m benchmarks``: measures, prints a table, and writes every figure to ``benchmarks/results/``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from benchmarks import machine, report
from benchmarks.applications import Application, large, small
from benchmarks.scenarios import SCENARIOS, Scenario, measure
from benchmarks.site import Site
from layerwright.errors import LayerwrightError
from layerwright.output import Log, wants_colour
from tests.fixtures.index import PackageIndex
from tests.fixtures.wheelhouse import PYTHONS, fill, wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RESULTS: Final = Path(__file__).with_name("results")
_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
_APPLICATIONS: Final = {"small": small, "large": large}


def main() -> int:
    """Measure what the command line asks for and return the exit status."""
    for number in _STOPPING:
        signal.signal(number, _stop)
    arguments = _parser().parse_args()
    log = Log(colour=wants_colour(sys.stdout, os.environ))
    pythons = machine.pythons()
    if not pythons:
        log.line(f"There is none of these interpreters on this machine: Python {', '.join(PYTHONS)}.")
        return 1
    try:
        facts = machine.facts(pythons)
        results = list(_results(arguments, pythons, log))
    except LayerwrightError as error:
        log.error(error)
        return error.exit_status
    except subprocess.CalledProcessError as error:
        log.line(f"The distributions could not be fetched: pip ended with status {error.returncode}.")
        return 1
    except KeyboardInterrupt:
        log.line("\nStopped. Nothing is left behind but the distributions that were fetched.")
        return 128 + signal.SIGINT
    log.heading(machine.words(facts))
    log.table(report.HEADER, report.rows(results), right=report.RIGHT)
    log.note(f"Every figure: {_kept(report.as_json(results, facts))}")
    return 0


def _stop(_number: int, _frame: object) -> NoReturn:
    # What was started is ended, and every temporary file goes: a second signal must not cut that short.
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=_positive, default=3, help="turns of each scenario (default: 3)")
    parser.add_argument(
        "--only", action="append", choices=[s.name for s in SCENARIOS], help="this scenario; can be repeated"
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


def _results(arguments: argparse.Namespace, pythons: Mapping[str, Path], log: Log) -> Iterator[report.Series]:
    fill(wheelhouse())
    chosen = [s for s in SCENARIOS if arguments.only is None or s.name in arguments.only]
    for size in arguments.sizes:
        application = _APPLICATIONS[size](tuple(pythons))
        with PackageIndex() as index, tempfile.TemporaryDirectory(prefix="layerwright-bench-") as root:
            for wheels in application.wheels:
                index.add_directory(wheels)
            site = Site(Path(root), application, pythons, index.pip_env())
            for scenario in chosen:
                log.line(f"{application.name}: {scenario.title}")
                if scenario.pythons > len(pythons):
                    log.note("Left out: this machine has one interpreter only.")
                else:
                    yield _series(application, scenario, site, arguments.runs)


def _series(application: Application, scenario: Scenario, site: Site, runs: int) -> report.Series:
    ours, theirs = measure(scenario, site, runs)
    return report.Series(
        application=application.name,
        scenario=scenario.title,
        against=scenario.against,
        aim=scenario.aim,
        ours=ours,
        theirs=theirs,
    )


def _kept(document: Mapping[str, Any]) -> Path:
    _RESULTS.mkdir(exist_ok=True)
    path = _RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
