"""The benchmarks' arithmetic and words; nothing here is timed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from benchmarks import program, steps
from benchmarks.applications import Application
from benchmarks.catalogue import SCENARIOS
from benchmarks.images import IMAGE_SCENARIOS
from benchmarks.lifecycle_run import FLEET
from benchmarks.managers import SITES, Pip
from benchmarks.report import HEADER, Series, as_json, layer_seconds, rows
from benchmarks.under_lifecycle import CNB_SCENARIOS
from layerwright.testing.loopback.index import PackageIndex

if TYPE_CHECKING:
    from benchmarks.site import Site
    from layerwright.process.command import Command

TINY = Application(
    name="tiny", direct=("click", "gunicorn", "six"), locked="all by hash", wheels=(Path("wheels"),)
)


def series(*, ours: tuple[float, ...], theirs: tuple[float, ...], aim: float | None = None) -> Series:
    return Series(
        application="small",
        manager="pip",
        scenario="nothing changed",
        against="pip install",
        aim=aim,
        ours=ours,
        theirs=theirs,
    )


def site_of(kind: type[Site], root: Path) -> Site:
    """Return a site whose bare tool is there already, or seems to be."""
    (root / "tools" / kind.manager).mkdir(parents=True)
    with PackageIndex() as index:
        return kind(root, TINY, {"3.13": Path("python3.13")}, index, root / "tools")


def words(commands: list[Command]) -> str:
    return " && ".join(command.words for command in commands)


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
    assert row == (
        "small", "pip", "nothing changed", "42 ms", "pip install", "2.0 s", "0.02", "at most 1.1: met"
    )  # fmt: skip
    assert len(row) == len(HEADER)


def test_a_row_says_when_an_aim_was_missed_and_nothing_where_there_is_none() -> None:
    missed, none = rows(
        [series(ours=(2.0,), theirs=(1.0,), aim=1.05), series(ours=(2.0,), theirs=(1.0,), aim=None)]
    )
    assert (missed[-1], none[-1]) == ("at most 1.05: missed", "")


@pytest.mark.parametrize(("margin", "words"), [(0.02, "met"), (0.01, "missed")])
def test_an_aim_may_be_a_difference(margin: float, words: str) -> None:
    measured = replace(series(ours=(2.0, 0.5, 3.015), theirs=(1.0, 1.0, 3.0)), margin=margin)
    assert measured.met is (words == "met")
    [row] = rows([measured])
    assert row[-1] == f"at most {margin * 1000:.0f} ms more: {words} (15.0 ms)"


def test_the_document_keeps_every_figure_and_the_facts_of_the_machine() -> None:
    document = as_json([series(ours=(1.0, 3.0), theirs=(1.0, 1.0), aim=12)], {"processors": 2})
    assert document == {
        "machine": {"processors": 2},
        "results": [
            {
                "application": "small",
                "manager": "pip",
                "scenario": "nothing changed",
                "against": "pip install",
                "seconds": {"layerwright": [1.0, 3.0], "against": [1.0, 1.0]},
                "median seconds": {"layerwright": 2.0, "against": 1.0},
                "ratio": 2.0,
                "difference": 1.0,
                "aim": 12,
                "margin": None,
                "met": True,
            }
        ],
    }


def test_an_application_changes_one_requirement_and_removes_one() -> None:
    assert TINY.unlocked == "click\ngunicorn\nsix\n"
    assert TINY.changed == "click<8.5\ngunicorn\nsix\n"
    assert TINY.reduced == "click\nsix\n"


@pytest.mark.parametrize(
    ("manager", "fresh", "update", "nothing"),
    [
        ("pip", "python -m venv && pip install", "python -m venv && pip install", None),
        (
            "uv",
            "uv sync --locked --no-default-groups --compile-bytecode",
            "uv sync --locked --no-default-groups --compile-bytecode",
            "uv sync --locked --no-default-groups",
        ),
        (
            "poetry",
            "python -m venv --without-pip && poetry sync --only main --compile",
            "poetry sync --only main --compile",
            "poetry sync --only main",
        ),
    ],
)
def test_the_bare_tool_does_what_its_users_do(
    manager: str, fresh: str, update: str, nothing: str | None, tmp_path: Path
) -> None:
    site = site_of(SITES[manager], tmp_path)
    assert (words(site.fresh()), words(site.update())) == (fresh, update)
    # pip's is by the version of pip that a build has made a layer of.
    assert nothing is None or words(site.nothing()) == nothing


@pytest.mark.parametrize("manager", SITES)
def test_the_bare_tool_uses_neither_the_virtual_environment_nor_the_cache_of_layerwright(
    manager: str, tmp_path: Path
) -> None:
    site = site_of(SITES[manager], tmp_path)
    [ours] = site.build()
    assert str(tmp_path / "layers") in ours.argv
    command = site.update()[-1]
    assert str(tmp_path / "downloads") in command.env.values()
    assert str(tmp_path / "venv") in " ".join([*command.argv, *map(str, command.env.values())])


def test_only_pip_has_requirements_that_are_locked_apart_from_the_direct_ones(tmp_path: Path) -> None:
    locked = {name: site_of(SITES[name], tmp_path / name).locked for name in SITES}
    assert locked == {"pip": "all by hash", "uv": TINY.unlocked, "poetry": TINY.unlocked}


def test_the_files_of_an_application_are_made_once_for_each_set_of_requirements(tmp_path: Path) -> None:
    class Counting(Pip):
        @override
        def files(self, requirements: str) -> dict[str, str]:
            made.append(requirements)
            return {"requirements.txt": requirements}

    made: list[str] = []
    site = site_of(Counting, tmp_path)
    for requirements in (TINY.unlocked, TINY.changed, TINY.unlocked):
        site.write(requirements)
        assert (tmp_path / "app" / "requirements.txt").read_text() == requirements
    assert made == [TINY.unlocked, TINY.changed]


def test_every_scenario_can_be_named_and_has_a_package_manager() -> None:
    names = [
        *(scenario.name for scenario in SCENARIOS),
        *(scenario.name for scenario in CNB_SCENARIOS),
        *(scenario.name for scenario in IMAGE_SCENARIOS),
        FLEET,
    ]
    assert len(set(names)) == len(names)
    assert all(scenario.managers and set(scenario.managers) <= set(SITES) for scenario in SCENARIOS)


def test_an_aim_can_depend_on_the_application_and_the_package_manager() -> None:
    [cold] = (scenario for scenario in SCENARIOS if scenario.name == "cold")
    [locked] = (scenario for scenario in SCENARIOS if scenario.name == "locked")
    assert (cold.aim_of("small", "uv"), cold.aim_of("large", "uv")) == (4, 1.05)
    assert cold.aim_of("tiny", "uv") is None
    assert locked.aim_of("small", "uv") == locked.aim_of("large", "pip") == 10


TABLE = """\
  Layer venv kept: unchanged

Layers
  layer         types                    size  result     time
  python        build, launch, cache  33.6 MB  created   2.4 s
  tool-pip      build, cache          11.6 MB  created   0.25 s
  venv          build, launch, cache   6.9 MB  kept     0.00 s
  Built in 7.1 s.
"""


def test_the_time_of_a_layer_comes_from_the_table_that_ends_a_build() -> None:
    assert steps.python_and_tool(TABLE, 7.1) == pytest.approx(2.65)
    assert steps.beside_python(TABLE, 7.1) == pytest.approx(4.7)
    assert steps.venv_result(TABLE) == "venv kept"
    announced = "  Layer tool-pip created: 11.6 MB in 0.25 s\n"
    assert layer_seconds(announced + TABLE) == {"python": 2.4, "tool-pip": 0.25, "venv": 0.0}


def test_a_row_repeats_what_a_turn_has_shown() -> None:
    noted = replace(series(ours=(1.0,), theirs=(1.0,)), note="venv kept", layers={"venv": 0.5})
    cells = [row[-1] for row in rows([noted, replace(noted, aim=1), replace(noted, margin=1.0)])]
    assert cells == ["venv kept", "at most 1: met; venv kept", "at most 1.0 s more: met (0.0 ms; venv kept)"]
    entry = as_json([noted], {})["results"][0]
    assert (entry["note"], entry["layers"]) == ("venv kept", {"venv": 0.5})


def test_the_program_counts_the_modules_that_it_compiles(tmp_path: Path) -> None:
    def start(**environment: str) -> str:
        command = [sys.executable, program.NAME]
        return subprocess.check_output(command, cwd=tmp_path, env=environment, text=True)

    program.write(tmp_path, 3)
    assert program.compiled(start(**program.READ_ONLY)) == "3 modules compiled"
    assert program.compiled(start()) == "3 modules compiled"
    assert program.compiled(start(**program.READ_ONLY)) == "0 modules compiled"
    assert 0 < program.seconds(start()) < 60
    program.forget_bytecode(tmp_path)
    assert program.compiled(start(**program.READ_ONLY)) == "3 modules compiled"


def test_a_program_that_printed_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such file"):
        program.compiled("no such file")
