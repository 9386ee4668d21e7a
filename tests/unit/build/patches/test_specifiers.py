from __future__ import annotations

import pytest

from layerwright.build.patches._specifiers import ANY, comparisons, separates, varies


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomli ; python_full_version <= '3.11.0a6'", [("python_full_version <= 3.11.0a6", "<=3.11.0a6")]),
        # As in poetry.lock.
        (
            r'markers = "python_full_version >= \"3.13.1\" and sys_platform == \"linux\""',
            [("python_full_version >= 3.13.1", ">=3.13.1")],
        ),
        ("'3.13.1' <= python_full_version", [("python_full_version >= 3.13.1", ">=3.13.1")]),
        ('"3.13.1" != implementation_version', [("implementation_version != 3.13.1", "!=3.13.1")]),
        (
            "python_full_version >= '3.9' and python_full_version < '3.13.4'",
            [("python_full_version >= 3.9", ">=3.9"), ("python_full_version < 3.13.4", "<3.13.4")],
        ),
        ("python_full_version not in '3.13.0 3.13.1'", [("python_full_version not in 3.13.0 3.13.1", ANY)]),
        ('"requires": {"python_full_version": "3.13.1"}', [("python_full_version 3.13.1", "==3.13.1")]),
        ("# about python_full_version", [("python_full_version", ANY)]),
        ('requires-python = ">=3.13.1"', [("requires-python >=3.13.1", ">=3.13.1")]),
        ('python-versions = "^3.13.1"', [("python-versions ^3.13.1", "^3.13.1")]),
        ('"requires_python": ">=3.8"', [("requires_python >=3.8", ">=3.8")]),
        # It never has the patch.
        ("tomli ; python_version < '3.13.1'", []),
    ],
)
def test_comparisons_with_the_exact_version_are_found_in_every_form(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert list(comparisons(text)) == expected


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        (">=3.13.1", True),
        (">3.13", True),
        ("!=3.13.7", True),
        ("===3.13.2", True),
        (">=3.13", False),
        (">=3.8,!=3.9.7", False),
        ("==3.13.*", False),
        ("<3.13.0rc1", False),
        ("", True),
        # The notation of Poetry.
        ("^3.13.1", True),
        ("~3.13.1 || >=3.14", True),
        ("3.13", True),
        ("^3.13", False),
        ("~3.13", False),
        (">=3.13,<4.0 || ^4.1", False),
        ("^3.9.7 || >=3.10", False),
    ],
)
def test_a_specifier_varies_if_it_separates_patch_releases_of_the_minor_version(
    specifier: str, expected: bool
) -> None:
    assert varies(specifier, "3.13") is expected


@pytest.mark.parametrize(
    ("specifier", "then", "now", "expected"),
    [
        (">=3.13.1", "3.13.0", "3.13.1", True),
        (">=3.13.1", "3.13.1", "3.13.0", True),
        (">=3.13.1", "3.13.1", "3.13.2", False),
        ("==3.13.4", "3.13.3", "3.13.5", False),
        (ANY, "3.13.0", "3.13.1", True),
        ("^3.13.1", "3.13.2", "3.13.3", True),
    ],
)
def test_a_specifier_separates_two_versions_if_it_is_true_for_one_or_cannot_be_read(
    specifier: str, then: str, now: str, expected: bool
) -> None:
    assert separates(specifier, then, now) is expected
