from __future__ import annotations

import pytest

from layerwright.contract.failures.pip import pip_diagnoses
from layerwright.process.failures.diagnosis import diagnosed


@pytest.mark.parametrize(
    ("output", "summary"),
    [
        (
            "ERROR: Can't verify hashes for these requirements because we don't have a way to hash version control"
            " repositories:\n    acme @ git+https://git.example.com/acme.git@6f18 (from -r requirements.txt (line 1))",
            "acme is in a Git repository, and has no hash.",
        ),
        (
            "ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:\n"
            "    setuptools from https://example.com/setuptools-84.2.1-py3-none-any.whl (from acme==1->-r base.txt)",
            "setuptools is not locked with a hash.",
        ),
        (
            "ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements. Here is"
            " a list of those requirements along with the hashes their downloaded archives actually had.\n"
            "    acme==1.0 --hash=sha256:00",
            "acme is not locked with a hash.",
        ),
    ],
)
def test_a_requirement_without_a_hash_beside_others_is_named(output: str, summary: str) -> None:
    found = diagnosed(pip_diagnoses(), f"{output}\n")
    assert found is not None
    assert found.diagnosis.reference == "requirement-without-hash"
    assert found.summary == summary
