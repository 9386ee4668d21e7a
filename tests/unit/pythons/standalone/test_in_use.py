from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.pythons.standalone.in_use import unused, using

if TYPE_CHECKING:
    from pathlib import Path


def test_a_directory_is_unused_as_soon_as_the_last_user_is_done(tmp_path: Path) -> None:
    shared = tmp_path / "downloads"
    with using(shared):
        with using(shared), unused(shared) as free:
            assert not free
        with unused(shared) as free:
            assert not free
    with unused(shared) as free:
        assert free


def test_a_directory_that_cannot_be_marked_is_used_all_the_same_and_never_called_unused(
    tmp_path: Path,
) -> None:
    (tmp_path / "lock").symlink_to("elsewhere")
    with using(tmp_path):
        assert not (tmp_path / "elsewhere").exists()
    with unused(tmp_path) as free:
        assert not free
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
