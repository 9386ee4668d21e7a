from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from layerwright.pythons.specifiers import version_matcher

numbers = st.integers(0, 20)
final_releases = st.tuples(numbers, numbers, numbers).map(lambda n: ".".join(map(str, n)))
prefixes = st.lists(numbers, min_size=1, max_size=3).map(lambda n: ".".join(map(str, n)))
spaces = st.sampled_from(["", " "])
plain = st.tuples(st.sampled_from(["==", ">=", "<", "!=", "<=", ">"]), spaces, prefixes).map("".join)
wildcard = st.tuples(st.sampled_from(["==", "!="]), prefixes, st.just(".*")).map("".join)
specifiers = st.lists(plain | wildcard, max_size=3).map(" , ".join)


@given(specifiers, final_releases | prefixes)
def test_a_specifier_means_what_pep_440_says(specifier: str, version: str) -> None:
    assert version_matcher(specifier)(version) == SpecifierSet(specifier).contains(version)


@pytest.mark.parametrize(
    "value", [">=3.13\u200b", "> =3.12", ">=3. 12", "==3.1\uff13", ">=3.12;", ">=3.12.*", "3.13"]
)
def test_what_is_no_specifier_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="Invalid specifier"):
        version_matcher(value)


@pytest.mark.parametrize("value", ["", "==3.13.*", ">=3.12,<3.14", "==3.13.2"])
def test_what_nearly_everybody_writes_is_matched_without_a_library(value: str) -> None:
    code = (
        "import sys\n"
        "from layerwright.pythons.specifiers import version_matcher\n"
        f"sys.exit(not version_matcher({value!r})('3.13.2') or 'packaging' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0
