from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.checkouts import remove_unused_checkouts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    path = tmp_path / "lib" / "python3.13" / "site-packages"
    path.mkdir(parents=True)
    return path


def check_out(layer: Path, *names: str) -> None:
    for name in names:
        (layer / "src" / name / "package").mkdir(parents=True)
        (layer / "src" / name / "package" / "__init__.py").touch()


def test_a_checkout_that_nothing_points_to_is_removed(tmp_path: Path, site_packages: Path) -> None:
    check_out(tmp_path, "a", "b")
    (site_packages / "b.pth").write_text(f"{tmp_path}/src/b/package\n")
    remove_unused_checkouts(tmp_path, site_packages)
    assert [path.name for path in (tmp_path / "src").iterdir()] == ["b"]


@pytest.mark.parametrize(
    "name", ["a.pth", "a.egg-link", "__editable___a_finder.py", "a-1.dist-info/direct_url.json"]
)
def test_an_editable_one_stays(tmp_path: Path, site_packages: Path, name: str) -> None:
    check_out(tmp_path, "a")
    (site_packages / name).parent.mkdir(exist_ok=True)
    (site_packages / name).write_text(f'"file://{tmp_path}/src/a"')
    remove_unused_checkouts(tmp_path, site_packages)
    assert (tmp_path / "src" / "a").is_dir()


def test_nothing_is_left_of_a_directory_for_checkouts_without_any(
    tmp_path: Path, site_packages: Path
) -> None:
    remove_unused_checkouts(tmp_path, site_packages)
    check_out(tmp_path, "a")
    # It is called like a pointer, and is none.
    (site_packages / "odd.py").mkdir()
    remove_unused_checkouts(tmp_path, site_packages)
    assert not (tmp_path / "src").exists()
