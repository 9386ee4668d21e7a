from __future__ import annotations

import pytest

from layerwright.build.patches.separate import PatchChange, patch_change

BUILT = {"python": "3.13.0", "depends-on-python-patch": {}}
MARKER = {"acme 1.0 requires Python >=3.13.1": ">=3.13.1"}
COMPILED = {"acme 1.0 was compiled here": ""}


def depends(*on: dict[str, str]) -> dict[str, object]:
    return {**BUILT, "depends-on-python-patch": {k: v for each in on for k, v in each.items()}}


def test_the_same_version_is_no_change_whatever_depends_on_it() -> None:
    assert patch_change(depends(COMPILED), "3.13.0", resolves=False) is None


def test_a_layer_that_is_not_made_with_a_version_has_no_change() -> None:
    assert patch_change({}, "", resolves=False) is None


@pytest.mark.parametrize("resolves", [True, False])
def test_nothing_depends_on_a_patch_release_that_no_record_names(resolves: bool) -> None:
    change = patch_change(BUILT, "3.13.1", resolves=resolves)
    assert change == PatchChange("Python 3.13.0 → 3.13.1")
    assert change.reason == "Python 3.13.0 → 3.13.1: nothing that is installed depends on it"


def test_a_comparison_counts_if_it_has_another_result() -> None:
    found = patch_change(depends(MARKER), "3.13.1", resolves=False)
    assert found is not None
    assert found.reason == "Python 3.13.0 → 3.13.1: acme 1.0 requires Python >=3.13.1"
    assert patch_change({**depends(MARKER), "python": "3.13.1"}, "3.13.2", resolves=False) == PatchChange(
        "Python 3.13.1 → 3.13.2"
    )


def test_a_package_manager_that_resolves_compares_versions_itself() -> None:
    found = patch_change(depends(MARKER, COMPILED), "3.13.1", resolves=True)
    assert found is not None
    assert found.because == ("acme 1.0 was compiled here",)


def test_many_reasons_are_counted() -> None:
    found = patch_change(depends({f"{n} was compiled here": "" for n in "abcde"}), "3.13.1", resolves=False)
    assert found is not None
    assert found.reason.endswith(": a was compiled here, b was compiled here, c was compiled here and 2 more")


@pytest.mark.parametrize(
    "metadata",
    [{}, {"python": "3.13.0"}, {**BUILT, "python": {}}, {**BUILT, "depends-on-python-patch": "no"}],
)
def test_without_a_record_everything_may_depend_on_it(metadata: dict[str, object]) -> None:
    found = patch_change(metadata, "3.13.1", resolves=False)
    assert found is not None
    assert found.because == ("it is not recorded what depends on it",)
