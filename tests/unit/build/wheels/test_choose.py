from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.build.wheels._choose import open_wheel
from layerwright.build.wheels.pins import Pin
from layerwright.build.wheels.tags import ranks

if TYPE_CHECKING:
    from collections.abc import Iterable

RANKS = ranks("3.13", ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64"))
OLD = "acme-1.0-cp313-cp313-manylinux_2_17_x86_64.whl"
NEW = "acme-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"
PURE = "acme-1.0-py3-none-any.whl"


def digest(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def chosen(directories: Iterable[Path], *allowed: str) -> str:
    pin = Pin("acme", "1.0", frozenset(map(digest, allowed)))
    file = open_wheel(pin, directories, RANKS)
    if file is None:
        return ""
    with file:
        return Path(file.name).name


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    for name in (OLD, NEW, PURE):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_the_wheel_with_the_best_tags_is_chosen_among_the_locked_ones(wheels: Path) -> None:
    assert chosen([Path("/nowhere"), wheels], OLD, NEW, PURE) == NEW
    assert chosen([wheels], OLD, PURE) == OLD


def test_a_wheel_with_another_content_is_not_chosen(wheels: Path) -> None:
    (wheels / NEW).write_text("replaced")
    assert chosen([wheels], NEW, PURE) == PURE
    assert not chosen([wheels], NEW)


@pytest.mark.parametrize(
    "name",
    [
        "acme-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
        "acme-1.0-cp313-cp313t-manylinux_2_17_x86_64.whl",
        "acme-1.0-cp313-cp313-manylinux_2_17_aarch64.whl",
        "acme-1.0-cp313-cp313-musllinux_1_1_x86_64.whl",
        "acme-1.1-py3-none-any.whl",
        "acmes-1.0-py3-none-any.whl",
        "acme-new-py3-none-any.whl",
        "acme.whl",
    ],
)
def test_other_wheels_are_not_chosen(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(name)
    assert not chosen([tmp_path], name)


def test_versions_are_compared_as_versions(tmp_path: Path) -> None:
    (tmp_path / "acme-1-py3-none-any.whl").write_text("acme-1-py3-none-any.whl")
    assert chosen([tmp_path], "acme-1-py3-none-any.whl")


def test_a_file_that_cannot_be_read_is_passed_over(wheels: Path) -> None:
    (wheels / NEW).unlink()
    (wheels / NEW).symlink_to("nowhere")
    assert chosen([wheels], NEW, OLD) == OLD


def test_the_tags_of_this_machine_are_the_default() -> None:
    assert "py3-none-any" in ranks("3.13")
    assert "cp313-abi3-any" not in ranks("3.13")
    assert any(tag.startswith("cp313-cp313-") for tag in ranks("3.13"))
