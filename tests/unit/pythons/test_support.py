from __future__ import annotations

from datetime import date

from layerwright.pythons.support import end_of_life


def test_the_last_day_of_support_is_the_same_for_every_patch() -> None:
    assert end_of_life("3.9.25") == end_of_life("3.9") == date(2025, 10, 31)


def test_each_minor_version_is_supported_longer_than_the_one_before() -> None:
    days = [end_of_life(f"3.{minor}") for minor in range(9, 16)]
    assert None not in days
    assert days == sorted(days, key=str)
    assert len(set(days)) == len(days)


def test_of_a_version_of_the_future_nothing_is_known() -> None:
    assert end_of_life("3.99.1") is None
