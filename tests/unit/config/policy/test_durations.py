from __future__ import annotations

from datetime import timedelta

import pytest

from layerwright.config.policy.durations import duration, duration_words


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("7 days", timedelta(days=7)),
        ("1 day", timedelta(days=1)),
        ("36 Hours", timedelta(hours=36)),
        ("2weeks", timedelta(days=14)),
        ("0 days", timedelta(0)),
        ("P7D", timedelta(days=7)),
        ("P1W", timedelta(days=7)),
        ("PT12H", timedelta(hours=12)),
        ("P1DT12H", timedelta(hours=36)),
    ],
)
def test_a_duration_is_a_number_of_hours_days_or_weeks(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "7", "a week", "1 month", "P1M", "P", "-7 days", "7 days ago", "100000 days"]
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="hours, days or weeks"):
        duration(text)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=7), "7 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(hours=1, minutes=59), "1 hour"),
        (timedelta(0), "0 days"),
    ],
)
def test_a_duration_is_shown_in_days_if_it_is_whole_days(length: timedelta, words: str) -> None:
    assert duration_words(length) == words
