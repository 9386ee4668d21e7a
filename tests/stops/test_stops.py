"""Wherever a build or a recovery is stopped, the last build is still there and the next one is as a fresh one.

The long form stops recoveries of every state that a build or another recovery can leave, which proves it for any number
of kills and power cuts one after the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.stops.explore import SCENARIOS

ROOT = Path(__file__).parents[2]


def explore(*arguments: str) -> dict[str, Any]:
    """Return the figures of a scenario: in a process of its own, for only one without threads can be forked."""
    command = (sys.executable, "-m", "tests.stops.explore", *arguments)
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = next(iter(json.loads(completed.stdout).values()))
    print(completed.stdout)
    return figures


@pytest.mark.parametrize("scenario", ["first build", "update", "another package manager"])
def test_a_build_that_is_stopped_at_any_change_costs_nothing_but_time(scenario: str) -> None:
    figures = explore(scenario)
    assert figures["wrong"] == []
    assert figures["builds_killed"] == figures["builds_cut"] > 50
    assert (figures["recoveries_killed"] > 20) is (scenario != "first build")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_recoveries_can_be_stopped_at_any_change_as_often_as_one_likes(scenario: str) -> None:
    figures = explore(scenario, "--thorough")
    assert figures["wrong"] == []
