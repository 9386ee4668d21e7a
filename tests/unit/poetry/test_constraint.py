"""Poetry's constraints say in PEP 440 what they say in Poetry, or nothing."""

from __future__ import annotations

import pytest

from layerwright_poetry.constraint import python_specifier, specifier


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("^0.0", ">=0.0,<0.1"),
        ("^3.11", ">=3.11,<4"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2.3", "~=1.2.3"),
        ("1.2.*", "==1.2.*"),
        ("!=1.2.*", "!=1.2.*"),
        ("1.2.3", "==1.2.3"),
        ("=1.2.3", "==1.2.3"),
        ("==1.2.3rc1", "==1.2.3rc1"),
        (" >= 3.9, < 4.0 ", ">=3.9,<4.0"),
        (">3.9 <=4", ">3.9,<=4"),
        ("^3.11,!=3.12.0", ">=3.11,<4,!=3.12.0"),
        ("*", ""),
        ("==*", ""),
        ("", ""),
    ],
)
def test_a_constraint_that_pep_440_can_say(constraint: str, expected: str) -> None:
    assert specifier(constraint) == expected


@pytest.mark.parametrize(
    "constraint", ["^2.7 || ^3.8", "1.0 - 2.0", "^1.0b1", "~a", "latest", "<>1", "<*", ">="]
)
def test_a_constraint_that_only_poetry_understands(constraint: str) -> None:
    assert specifier(constraint) is None


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("^3.11", ">=3.11,<4"),
        ("*", ""),
        ("^3.11 || *", ""),
        ("^3.11 || ^3.13", ">=3.11"),
        ("^2.7 || ^3.11", ">=3.11"),
        ("3.11.* | 3.13.*", ">=3.11,<3.14,!=3.12.*"),
        ("~3.9 || >=3.12,<3.14", ">=3.9,<3.14,!=3.10.*,!=3.11.*"),
        ("3.11.4 || 3.12.1", ">=3.11,<3.13"),
        ("^2.6 || ^2.7", None),
        ("^3.11 || latest", None),
    ],
)
def test_a_union_of_python_versions_is_taken_by_minor_versions(constraint: str, expected: str | None) -> None:
    assert python_specifier(constraint) == expected
