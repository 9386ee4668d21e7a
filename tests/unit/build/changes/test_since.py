from __future__ import annotations

import pytest

from layerwright.build.changes.since import Difference, differences


def test_equal_inputs_have_no_differences() -> None:
    assert differences({"a": "1"}, {"a": "1"}) == ()


def test_differences_come_in_the_order_of_the_inputs_those_that_are_gone_last() -> None:
    assert differences({"gone": "1", "a": "1"}, {"new": "2", "a": "2"}) == (
        Difference("new", None, "2"),
        Difference("a", "1", "2"),
        Difference("gone", "1", None),
    )


@pytest.mark.parametrize("damaged", [None, "inputs", ["a"]])
def test_metadata_that_is_no_table_has_no_inputs(damaged: object) -> None:
    assert differences(damaged, {"a": "1"}) == (Difference("a", None, "1"),)


def test_a_value_that_is_no_string_differs() -> None:
    assert differences({"a": 1}, {"a": "1"}) == (Difference("a", "1", "1"),)


def test_a_path_is_compared_by_its_digest_and_keeps_its_name() -> None:
    [difference] = differences({"from tmp": "sha256:1"}, {"from tmp": "/tmp/x"})
    assert difference.words == "from tmp changed"


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference("a", None, "1"), "a is new"),
        (Difference("a", "1", None), "a is gone"),
        (Difference("a", "sha256:1", "sha256:2"), "a changed"),
        (Difference("a", "sha256:1", "2"), "a changed"),
        (Difference("a", "1", "2"), "a: 1 → 2"),
        (Difference("command x", "x -a", "x -b"), "command x: -a → -b"),
    ],
)
def test_a_difference_in_words(difference: Difference, words: str) -> None:
    assert difference.words == words
