from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.build_plan import BuildpackPlan, Require
from layerwright.cnb.build_toml import write_build

if TYPE_CHECKING:
    from pathlib import Path

PLAN = BuildpackPlan((Require("python"), Require("uv"), Require("uv", {"launch": True})))


def test_unmet_entries_are_left_to_later_buildpacks(tmp_path: Path) -> None:
    write_build(tmp_path / "build.toml", unmet=["uv"], plan=PLAN)

    assert tomllib.loads((tmp_path / "build.toml").read_text()) == {"unmet": [{"name": "uv"}]}


def test_a_build_that_meets_everything_says_so_in_place_of_an_earlier_one(tmp_path: Path) -> None:
    write_build(tmp_path / "build.toml", unmet=["uv"], plan=PLAN)
    write_build(tmp_path / "build.toml", unmet=[], plan=PLAN)

    assert tomllib.loads((tmp_path / "build.toml").read_text()) == {"unmet": []}


@pytest.mark.parametrize("unmet", ["pip", ""])
def test_an_unmet_name_is_in_the_given_plan(tmp_path: Path, unmet: str) -> None:
    with pytest.raises(ValueError, match=f"not in the buildpack plan, so they cannot be unmet: {unmet}"):
        write_build(tmp_path / "build.toml", unmet=["python", unmet], plan=PLAN)

    assert not list(tmp_path.iterdir())
