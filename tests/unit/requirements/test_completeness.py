from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.installed.closure import Requirer
from requirements.completeness import environments, faults

if TYPE_CHECKING:
    from pathlib import Path

HASH = "--hash=sha256:0"


class Sample:
    """A lock file, the metadata of its pins, and what was asked for."""

    def __init__(self, root: Path, *pins: str, asked: tuple[str, ...] = ("acme",)) -> None:
        self.file = root / "sample.txt"
        self.file.write_text("".join(f"{pin} {HASH}\n" for pin in pins))
        self.asked = asked
        self.known: dict[tuple[str, str], Requirer] = {}

    def having(self, name: str, version: str, *requires: str, python: str = "") -> Sample:
        self.known[name, version] = Requirer(
            name=name, version=version, requires=requires, requires_python=python
        )
        return self

    def faults(self) -> list[str]:
        texts = [text for one in self.known.values() for text in (one.requires_python, *one.requires)]
        where = environments("3.11", [self.file.read_text(), *texts], newest="3.12")
        return faults(self.file, self.asked, self.known, where)


def test_a_lock_that_pins_all_that_is_required_is_complete(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "acme==1.0", "base==2.0").having("acme", "1.0", "base>=1").having("base", "2.0")
    assert sample.faults() == []


def test_what_nothing_pins_is_named_with_what_requires_it(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "acme==1.0").having("acme", "1.0", "base>=1")
    assert sample.faults() == ["acme 1.0 requires base>=1, which is not locked. (CPython 3.11.0, x86_64)"]


def test_a_pin_of_a_version_that_will_not_do_is_named(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "acme==1.0", "base==2.0").having("acme", "1.0", "base<2").having("base", "2.0")
    assert sample.faults() == ["acme 1.0 requires base<2, but it would be 2.0. (CPython 3.11.0, x86_64)"]


def test_what_was_asked_for_has_to_be_there(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "acme==1.0", asked=("acme>=2",)).having("acme", "1.0")
    assert sample.faults() == [
        "sample.txt as a whole requires acme>=2, but it would be 1.0. (CPython 3.11.0, x86_64)"
    ]


def test_an_extra_that_a_distribution_asks_for_counts(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "acme==1.0", "base==2.0").having("acme", "1.0", "base[fast]")
    sample.having("base", "2.0", 'speed; extra == "fast"', 'other; extra == "other"')
    assert sample.faults() == ["base 2.0 requires speed, which is not locked. (CPython 3.11.0, x86_64)"]


def test_an_extra_that_was_asked_for_counts(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "acme==1.0", asked=("acme[locked]",))
    sample.having("acme", "1.0", 'base==1.0; extra == "locked"')
    assert sample.faults() == ["acme 1.0 requires base==1.0, which is not locked. (CPython 3.11.0, x86_64)"]


def test_a_pin_that_is_left_out_somewhere_is_missed_only_there(tmp_path: Path) -> None:
    lines = ("acme==1.0", "base==2.0 ; python_full_version >= '3.11.5'")
    sample = Sample(tmp_path, *lines).having("acme", "1.0", "base").having("base", "2.0")
    assert sample.faults() == ["acme 1.0 requires base, which is not locked. (CPython 3.11.0, x86_64)"]

    arm = Sample(tmp_path, "acme==1.0", "base==2.0 ; platform_machine != 'aarch64'")
    arm.having("acme", "1.0", "base").having("base", "2.0")
    assert arm.faults() == ["acme 1.0 requires base, which is not locked. (CPython 3.11.0, aarch64)"]


def test_a_distribution_that_is_not_for_a_supported_python_is_named(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "acme==1.0").having("acme", "1.0", python=">=3.11,!=3.12.1")
    assert sample.faults() == [
        "acme 1.0 requires Python >=3.11,!=3.12.1, but it would be 3.12.1. (CPython 3.12.1, x86_64)"
    ]


def test_every_patch_release_that_a_marker_names_is_looked_at_from_both_sides() -> None:
    texts = ["a==1 ; python_full_version < '3.11.5'", ">=3.9,!=3.12.0,!=3.10.4"]
    found = [one["python_full_version"] for one in environments("3.11", texts, newest="3.12")]
    assert list(dict.fromkeys(found)) == [
        "3.11.0", "3.11.4", "3.11.5", "3.11.6", "3.11.50", "3.12.0", "3.12.1", "3.12.50",
    ]  # fmt: skip
