"""A virtual environment that needs the download cache at launch is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.links import refuse_links_to_caches
from layerwright.build.installed.sources import list_files
from layerwright.errors import UserError
from layerwright.files.trees.tree import tree_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    """Return the site-packages directory of a venv layer beside a download cache."""
    (tmp_path / "cache-acme" / "lib").mkdir(parents=True)
    path = tmp_path / "venv" / "lib" / "python3.13" / "site-packages"
    (path / "lib").mkdir(parents=True)
    (path / "lib" / "module.py").touch()
    return path


def refuse(site_packages: Path) -> None:
    refuse_links_to_caches(site_packages.parents[2], site_packages, list_files(tree_of(site_packages)).links)


def refused(site_packages: Path) -> UserError:
    with pytest.raises(UserError) as raised:
        refuse(site_packages)
    assert raised.value.reference == "environment-links-to-cache"
    return raised.value


@pytest.mark.parametrize("relative", [False, True])
def test_a_link_to_a_cached_file_is_refused(site_packages: Path, *, relative: bool) -> None:
    cached = site_packages.parents[3] / "cache-acme" / "lib" / "more.py"
    link = site_packages / "lib" / "more.py"
    link.symlink_to(os.path.relpath(cached, link.parent) if relative else cached)
    assert refused(site_packages).cause == "These lead into it: lib/more.py."


def test_a_link_to_a_cache_that_is_elsewhere_is_refused(site_packages: Path, tmp_path: Path) -> None:
    shared = tmp_path / "store" / "cache"
    shared.mkdir(parents=True)
    (site_packages.parents[3] / "cache-other").symlink_to(shared)
    (site_packages / "more.py").symlink_to(shared / "more.py")
    assert refused(site_packages).cause == "These lead into it: more.py."


def test_a_path_file_with_a_cached_directory_is_refused(site_packages: Path) -> None:
    (site_packages / "acme.pth").write_text(f"{site_packages.parents[3] / 'cache-acme' / 'lib'}\n")
    assert refused(site_packages).cause == "These lead into it: acme.pth."


def test_of_many_the_first_are_named(site_packages: Path) -> None:
    for name in "edcba":
        (site_packages / name).symlink_to(site_packages.parents[3] / "cache-acme" / name)
    assert refused(site_packages).cause == "These lead into it: a, b, c and 2 more."


def test_other_links_and_paths_are_accepted(site_packages: Path, tmp_path: Path) -> None:
    (site_packages / "alias").symlink_to("lib")
    (site_packages / "itself").symlink_to(".")
    (site_packages / "elsewhere").symlink_to("/opt/cache-acme")
    (site_packages / "python").symlink_to(tmp_path / "python")
    (site_packages / "editable.pth").write_text("/workspace/src\nimport acme\n")
    refuse(site_packages)
