"""Kept or updated, layers are what a fresh build makes: after every step of many, every file, mode and link."""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.poetry_site import PoetryIndex, PoetrySite, poetry_is_there
from tests.integration.site import SharedIndex, Site
from tests.integration.steps import Pip, Poetry, Stepper, Uv, fill
from tests.integration.uv_site import OTHER_UV, UvIndex, UvSite, is_filled, other_uv

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
]

LONG = int(os.environ.get("LAYERWRIGHT_STEPS", "50"))
"""The steps of the long form, with each package manager."""


def take(site: Any, manager: Any, steps: int, seed: int) -> None:
    """Take *steps*, at random from *seed*; every one of them that ends in other layers than a fresh build's is told."""
    fill(site.index)
    site.furnish()
    stepper = Stepper(site, manager, random.Random(seed))
    stepper.begin()
    print(f"seed {seed}")
    found = []
    for number in range(1, steps + 1):
        differing = stepper.step(number)
        print(stepper.said[-1], flush=True)
        found += [f"{stepper.said[-1]}\n{differing}"] if differing else []
    assert not found, "\n\n".join(found)


@pytest.mark.parametrize(("steps", "seed"), [(6, 340), pytest.param(LONG, 1, marks=pytest.mark.long)])
@pytest.mark.parametrize("installer", ["", pytest.param("uv", marks=pytest.mark.long)], ids=["pip", "uv"])
def test_with_pip_every_step_ends_as_a_fresh_build(
    tmp_path: Path, steps: int, seed: int, installer: str
) -> None:
    if not is_complete(wheelhouse()) or (installer and not is_filled()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with UvIndex() if installer else SharedIndex() as index:
        index.reset()
        take(Site(tmp_path, index), Pip(("26.3", "25.3"), installer=installer), steps, seed)


@pytest.mark.long
@pytest.mark.parametrize(("steps", "seed"), [(6, 205), (LONG, 2)])
@pytest.mark.skipif(not is_filled(), reason="uv's wheelhouse is not filled")
def test_with_uv_every_step_ends_as_a_fresh_build(tmp_path: Path, steps: int, seed: int) -> None:
    with UvIndex() as index:
        index.reset()
        index.add(other_uv())
        take(UvSite(tmp_path, index), Uv(("0.13.9", OTHER_UV)), steps, seed)


@pytest.mark.long
@pytest.mark.skipif(not poetry_is_there(), reason="Poetry's wheelhouse is not filled")
def test_with_poetry_every_step_ends_as_a_fresh_build(tmp_path: Path) -> None:
    with PoetryIndex() as index:
        index.reset()
        take(PoetrySite(tmp_path, index), Poetry(("",)), LONG, seed=3)
