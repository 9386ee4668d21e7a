from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.target import Target

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        ("x86_64", "linux/amd64"),
        ("aarch64", "linux/arm64"),
        ("armv7l", "linux/arm/v7"),
        ("i686", "linux/386"),
        ("riscv64", "linux/riscv64"),
    ],
)
def test_a_machine_has_the_name_that_go_gives_it(machine: str, words: str) -> None:
    assert Target.of_this_machine(machine=machine, os_release=()).words == words


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_the_distribution_is_what_os_release_says(tmp_path: Path, quote: str) -> None:
    file = tmp_path / "os-release"
    file.write_text(f"# words\n\nNAME='Some Linux'\nID={quote}some{quote}\nVERSION_ID={quote}12.1{quote}\n")

    target = Target.of_this_machine(machine="x86_64", os_release=(tmp_path / "absent", file))

    assert (target.distro_name, target.distro_version) == ("some", "12.1")
    assert target.words == "linux/amd64 (some 12.1)"


def test_a_distribution_without_versions_has_its_name_alone(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text("ID=rolling\n")

    assert Target.of_this_machine(machine="x86_64", os_release=(file,)).words == "linux/amd64 (rolling)"


def test_this_machine_is_a_target() -> None:
    target = Target.of_this_machine()

    assert target.os == os.uname().sysname.lower()
    assert target.arch


def test_the_target_of_a_build_is_what_the_platform_says() -> None:
    environment = {
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "arm",
        "CNB_TARGET_ARCH_VARIANT": "v7",
        "CNB_TARGET_DISTRO_NAME": "some",
        "CNB_TARGET_DISTRO_VERSION": "12.1",
    }

    target = Target.of(environment)

    assert target.words == "linux/arm/v7 (some 12.1)"


def test_what_the_platform_does_not_know_of_the_target_is_empty() -> None:
    target = Target.of({"CNB_TARGET_OS": "linux", "CNB_TARGET_ARCH": "amd64"})

    assert target == Target(os="linux", arch="amd64")
