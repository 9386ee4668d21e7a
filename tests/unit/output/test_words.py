from __future__ import annotations

import pytest

from layerwright.output.words import bytes_words, seconds_words, some_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (39_100_000, "39.1 MB"),
        (999_949_999, "999.9 MB"),
        (999_950_000, "1.0 GB"),
        (12_345_000_000, "12.3 GB"),
    ],
)
def test_sizes_are_in_decimal_units(size: int, words: str) -> None:
    assert bytes_words(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (0.994, "0.99 s"),
        (0.996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125.4, "2 min 5 s"),
        (3599.6, "60 min 0 s"),
    ],
)
def test_times_have_the_precision_that_a_reader_wants(seconds: float, words: str) -> None:
    assert seconds_words(seconds) == words


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b", "c"), "a, b, c"),
        (("a", "b", "c", "d", "e"), "a, b, c and 2 more"),
    ],
)
def test_a_long_list_is_cut(names: tuple[str, ...], words: str) -> None:
    assert some_words(names) == words
