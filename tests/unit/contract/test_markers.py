"""Markers are read for the interpreter of the build, whatever Python runs Layerwright."""

from __future__ import annotations

import pytest
from packaging.markers import Marker

from layerwright import marker_applies
from layerwright.contract.markers import marker_environment


@pytest.mark.parametrize(
    ("marker", "applies"),
    [
        ("", True),
        (None, True),
        ("python_version >= '3.9'", True),
        ("python_version < '3.9'", False),
        ("python_full_version == '3.9.1'", True),
        ("sys_platform == 'win32'", False),
        ("implementation_name == 'cpython' and os_name == 'posix'", True),
        # pip and uv say what is wrong with it, and install nothing.
        ("a marker of tomorrow", True),
        (7, True),
        ("extra == 'docs'", False),
        ("'docs' in extras", False),
        ("'dev' in dependency_groups", False),
    ],
)
def test_a_marker_applies_to_the_interpreter_of_the_build(marker: object, applies: bool) -> None:
    assert marker_applies(marker, "3.9.1") is applies


@pytest.mark.parametrize(
    ("marker", "applies"),
    [
        ("python_version < '3.10'", True),
        ('python_version>="3.9"', True),
        ("python_full_version >= '3.9.18'", True),
        ("python_full_version < '3.9.18'", False),
        ("python_version < '3.9.18'", True),
        ("python_version >= '3.10'", False),
    ],
)
def test_a_marker_for_the_version_alone_is_read_as_packaging_reads_it(marker: str, applies: bool) -> None:
    assert marker_applies(marker, "3.9.18") is applies
    assert Marker(marker).evaluate(marker_environment("3.9.18")) is applies


@pytest.mark.parametrize(
    "marker", ["extra == 'docs'", "extra == 'more'", "'docs' in extras and 'more' in extras"]
)
def test_each_chosen_extra_is_one_that_is_asked_for(marker: str) -> None:
    assert marker_applies(marker, "3.13.1", extras=("docs", "more"))


def test_a_chosen_group_is_one_that_is_asked_for() -> None:
    assert marker_applies("'dev' in dependency_groups", "3.13.1", groups=("dev",))
