from __future__ import annotations

import pytest

from layerwright.errors import UserError
from layerwright.output.verbosity import VARIABLE, Verbosity, verbosity


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", Verbosity.COMPACT),
        ("quiet", Verbosity.QUIET),
        ("Compact\n", Verbosity.COMPACT),
        (" VERBOSE ", Verbosity.VERBOSE),
    ],
)
def test_a_variable_says_how_much_a_build_prints(value: str, expected: Verbosity) -> None:
    assert verbosity({VARIABLE: value}) is expected
    assert verbosity({}) is Verbosity.COMPACT


def test_a_value_without_a_meaning_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(UserError) as caught:
        verbosity({VARIABLE: "loud"})
    assert caught.value.summary == '"loud" in LAYERWRIGHT_LOG is unknown.'
    assert caught.value.cause == "The values are quiet, compact, verbose."
