from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from layerwright import normalised_name
from layerwright.contract.names import is_plain_name


@pytest.mark.parametrize("name", ["Zope.Interface", "zope-interface", "zope_interface", "zope--._interface"])
def test_spellings_of_one_name_are_one_name(name: str) -> None:
    assert normalised_name(name) == canonicalize_name(name) == "zope-interface"


@pytest.mark.parametrize(
    ("name", "is_plain"),
    [
        ("acme", True),
        ("acme-2-x", True),
        ("Acme", False),
        ("2acme", False),
        ("acme_x", False),
        ("acme-", False),
    ],
)
def test_a_plain_name_is_lower_case_words_joined_by_hyphens(name: str, is_plain: bool) -> None:
    assert is_plain_name(name) is is_plain
