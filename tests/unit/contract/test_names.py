from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from layerwright import normalised_name


@pytest.mark.parametrize("name", ["Zope.Interface", "zope-interface", "zope_interface", "zope--._interface"])
def test_spellings_of_one_name_are_one_name(name: str) -> None:
    assert normalised_name(name) == canonicalize_name(name) == "zope-interface"
