"""The benchmarks' arithmetic and words; nothing here is timed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.applications import Application
from benchmarks.report import HEADER, Series, as_json, rows
from benchmarks.scenarios import SCENARIOS


def series(*, ours: tuple[float, ...], theirs: tuple[float, ...], aim: float | None = None) -> Series:
    return Series(
        application="small", scenario="nothing changed", against="pip", aim=aim, ours=ours, theirs=theirs
    )


def test_the_ratio_is_the_median_of_the_pairs_so_that_a_busy_moment_strikes_both_of_one() -> None:
    # The second pair ran while the machine was ten times slower, and says the same.
    assert series(ours=(2.0, 20.0, 3.0), theirs=(1.0, 10.0, 1.0)).ratio == 2.0


def test_a_ratio_needs_pairs() -> None:
    with pytest.raises(ValueError, match="longer"):
        _ = series(ours=(1.0,), theirs=(1.0, 2.0)).ratio


@pytest.mark.parametrize(("aim", "met"), [(None, None), (1.9, False), (2.0, True)])
def test_an_aim_is_met_up_to_its_very_value(aim: float | None, met: bool | None) -> None:
    assert series(ours=(2.0,), theirs=(1.0,), aim=aim).met is met


def test_a_row_has_a_cell_for_each_column() -> None:
    [row] = rows([series(ours=(0.0421, 0.0423, 0.0425), theirs=(2.0, 2.0, 2.0), aim=1.1)])
    assert row == ("small", "nothing changed", "42 ms", "pip", "2.0 s", "0.02", "at most 1.1: met")
    assert len(row) == len(HEADER)


def test_a_row_says_when_an_aim_was_missed_and_nothing_where_there_is_none() -> None:
    missed, none = rows(
        [series(ours=(2.0,), theirs=(1.0,), aim=1.05), series(ours=(2.0,), theirs=(1.0,), aim=None)]
    )
    assert (missed[-1], none[-1]) == ("at most 1.05: missed", "")


def test_the_document_keeps_every_figure_and_the_facts_of_the_machine() -> None:
    document = as_json([series(ours=(1.0, 3.0), theirs=(1.0, 1.0), aim=12)], {"processors": 2})
    assert document == {
        "machine": {"processors": 2},
        "results": [
            {
                "application": "small",
                "scenario": "nothing changed",
                "against": "pip",
                "seconds": {"layerwright": [1.0, 3.0], "against": [1.0, 1.0]},
                "median seconds": {"layerwright": 2.0, "against": 1.0},
                "ratio": 2.0,
                "aim": 12,
                "met": True,
            }
        ],
    }


def test_an_application_changes_one_requirement_and_removes_one() -> None:
    application = Application(
        name="tiny", direct=("click", "gunicorn", "six"), locked="", wheels=(Path("wheels"),)
    )
    assert application.unlocked == "click\ngunicorn\nsix\n"
    assert application.changed == "click<8.5\ngunicorn\nsix\n"
    assert application.reduced == "click\nsix\n"


def test_every_scenario_can_be_named() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
