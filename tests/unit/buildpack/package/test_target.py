from __future__ import annotations

import pytest

from layerwright.buildpack.package.target import machine_of
from layerwright.cnb.target import Target
from layerwright.errors import UserError
from tests.unit.buildpack.package.samples import HERE


def test_without_words_it_is_this_machine_whatever_its_distribution() -> None:
    machine = machine_of("", here=HERE)
    assert machine.target == Target(os="linux", arch="amd64")
    assert machine.is_this
    assert machine.name == "x86_64"
    assert machine_of("").is_this


def test_another_machine_has_its_own_wheels_and_markers() -> None:
    machine = machine_of("linux/arm64", here=HERE)
    assert not machine.is_this
    assert machine.wheel_platforms[:2] == ("manylinux2014_aarch64", "manylinux_2_17_aarch64")
    assert "manylinux_2_28_aarch64" in machine.wheel_platforms
    markers = machine.marker_environment("3.13.1")
    assert (markers["platform_machine"], markers["python_version"]) == ("aarch64", "3.13")


@pytest.mark.parametrize("words", ["linux/s390x", "windows/amd64", "arm64", "linux"])
def test_what_no_buildpack_can_be_made_for_is_refused_with_what_can(words: str) -> None:
    with pytest.raises(UserError) as raised:
        machine_of(words, here=HERE)
    assert words in raised.value.summary
    assert "linux/amd64 and linux/arm64" in raised.value.cause
