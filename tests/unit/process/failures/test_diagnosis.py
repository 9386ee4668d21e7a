from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from layerwright.process.failures.diagnosis import Diagnosis, diagnosed, problem_of

LACKS = Diagnosis(
    pattern=r"no (?P<what>\w+) here(?: but (?P<other>\w+))?",
    summary="There is no {what}.",
    cause="{other} is there instead of {what}.",
    remedy=("Get {what}.", "Build again."),
    reference="tool-lacks",
)


def test_the_groups_of_the_pattern_are_in_the_texts() -> None:
    found = diagnosed((LACKS,), "first\n  no bread here but cake\nlast\n")
    assert found is not None
    assert found.summary == "There is no bread."
    assert found.cause == "cake is there instead of bread."
    assert found.remedy == ("Get bread.", "Build again.")
    assert found.telling == ("no bread here but cake",)


def test_a_group_that_matches_nothing_is_empty() -> None:
    found = diagnosed((LACKS,), "no bread here")
    assert found is not None
    assert found.cause == " is there instead of bread."


def test_a_blank_matches_where_a_tool_wraps_the_line() -> None:
    found = diagnosed((LACKS,), "error: no\n       bread here")
    assert found is not None
    assert found.telling == ("error: no", "       bread here")
    exactly = replace(LACKS, pattern=r"no\ (?P<what>\w+)")
    assert diagnosed((replace(exactly, cause=""),), "no\nbread") is None


def test_the_text_of_a_group_is_in_one_line() -> None:
    found = diagnosed(
        (replace(LACKS, pattern=r"no (?P<what>.+ .+) here", cause=""),), "no white\n   bread here"
    )
    assert found is not None
    assert found.summary == "There is no white bread."


def test_the_first_diagnosis_that_applies_decides() -> None:
    general = Diagnosis(pattern="here", summary="Something is here.", reference="tool-failed")
    for diagnoses, reference in (((LACKS, general), "tool-lacks"), ((general, LACKS), "tool-failed")):
        found = diagnosed(diagnoses, "no bread here")
        assert found is not None
        assert found.diagnosis.reference == reference
    assert diagnosed((LACKS, general), "no bread") is None


def test_of_many_lines_the_first_and_the_last_tell() -> None:
    whole = Diagnosis(pattern=r"from(?s:.*)to", summary="Much.", reference="tool-talks")
    found = diagnosed((whole,), "\n".join(["zero", "from", *map(str, range(9)), "", "to", "end"]))
    assert found is not None
    assert found.telling == ("from", "0", "1", "…", "7", "8", "to")


def test_of_a_long_line_the_beginning_and_the_end_tell() -> None:
    found = diagnosed((LACKS,), f"{'a' * 150} no bread here {'z' * 150}")
    assert found is not None
    assert found.telling == (f"{'a' * 100} … {'z' * 100}",)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pattern": "no (?P<what>"}, "the pattern is not a regular expression: "),
        ({"pattern": "no  *"}, "the pattern is not a regular expression: multiple repeat"),
        ({"pattern": "(no bread)?"}, "the pattern matches any output"),
        ({"pattern": "no bread"}, "the pattern has no group other, what"),
        ({"reference": "Lacks"}, "the reference is not in kebab-case"),
        ({"remedy": "Get it."}, "remedy have the wrong type"),
        ({"remedy": (1,)}, "remedy have the wrong type"),
        ({"more": ("-v",), "transient": "no"}, "transient and more have the wrong type"),
        ({"summary": None}, "summary have the wrong type"),
    ],
)
def test_a_diagnosis_that_cannot_apply_says_why_and_is_passed_over(
    changed: dict[str, Any], words: str
) -> None:
    wrong = replace(LACKS, **changed)
    assert problem_of(wrong).startswith(words)
    found = diagnosed((wrong, LACKS), "no bread here")
    assert found is not None
    assert found.diagnosis is LACKS


def test_a_diagnosis_that_is_right_has_no_problem() -> None:
    assert problem_of(LACKS) == ""
