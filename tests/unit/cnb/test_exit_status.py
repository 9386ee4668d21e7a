from __future__ import annotations

from layerwright.cnb.exit_status import ERROR, FAIL, LIFECYCLE, PASS
from layerwright.errors import Interrupted, SiteError


def test_detect_has_three_answers_and_no_error_is_one_of_the_other_two() -> None:
    errors = {
        ERROR,
        SiteError("", reference="").exit_status,
        *(Interrupted(n).exit_status for n in range(1, 32)),
    }

    assert len({PASS, FAIL, ERROR}) == 3
    assert not errors & {PASS, FAIL}
    assert all(0 < status < 256 for status in errors)


def test_the_phases_of_the_lifecycle_tell_where_it_ended() -> None:
    assert {status // 10 for status in LIFECYCLE} == {2, 3, 4, 5, 6, 7, 8, 9, 10}
    assert "detect" in LIFECYCLE[21]
    assert "build phase" in LIFECYCLE[51]
    assert "launched" in LIFECYCLE[82]
