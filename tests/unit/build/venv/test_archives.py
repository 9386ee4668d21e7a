"""What came from another archive is told apart, whatever its version says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.venv._archives import outdated, record_archives

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = {"acme==1.0": "aa", "base==2.0": "bb"}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (BEFORE, ()),
        ({"acme==1.0": "cc", "base==2.0": "bb"}, ("acme==1.0",)),
        ({"acme==1.1": "cc"}, ()),
        ({**BEFORE, "extra==3.0": "ee"}, ()),
        ({}, ()),
    ],
    ids=["the same", "rebuilt", "upgraded", "added", "removed"],
)
def test_only_the_same_version_from_another_archive_is_outdated(
    tmp_path: Path, now: dict[str, str], found: tuple[str, ...]
) -> None:
    record_archives(tmp_path, BEFORE)
    assert outdated(tmp_path, now) == found


@pytest.mark.parametrize("damage", [None, "{", "[1]", '"text"', "3"])
def test_without_a_record_everything_is(tmp_path: Path, damage: str | None) -> None:
    record_archives(tmp_path, BEFORE)
    [record] = tmp_path.iterdir()
    record.unlink() if damage is None else record.write_text(damage)
    assert outdated(tmp_path, BEFORE) == tuple(BEFORE)


def test_the_record_of_the_last_build_is_replaced_and_not_overwritten(tmp_path: Path) -> None:
    record_archives(tmp_path, BEFORE)
    [record] = tmp_path.iterdir()
    kept = tmp_path / "kept"
    kept.hardlink_to(record)
    before = kept.read_text()
    record_archives(tmp_path, {})
    assert kept.read_text() == before != record.read_text()
