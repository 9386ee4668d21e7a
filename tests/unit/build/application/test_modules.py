"""The modules of an application: what its processes can import from the source tree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.build.application.modules import modules_in, source_directories
from layerwright.files.project import Project
from tests.unit.build.application.samples import Tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def editable(site_packages: Path, name: str, source: Path) -> None:
    """Record the editable distribution *name*, whose source is in the directory *source*."""
    place = site_packages / f"{name}-1.0.dist-info"
    place.mkdir(parents=True)
    (place / "direct_url.json").write_text(
        json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    )


def test_modules_are_listed_in_one_order_below_a_directory(tree: Tree) -> None:
    for name in ("b.py", "a.py", "shop/z.py", "shop/0001_initial.py", "data/readme.txt", "shop/x.pyi"):
        tree.write(name)
    assert tree.modules() == ["a.py", "b.py", "shop/0001_initial.py", "shop/z.py"]
    assert list(modules_in(tree.path / "shop", tree.path)) == ["shop/0001_initial.py", "shop/z.py"]


def test_what_no_process_imports_is_left_out(tree: Tree) -> None:
    tree.write("a.py")
    for name in (".git/hooks/a.py", ".hidden.py", "node_modules/gyp/a.py", "__pycache__/a.py"):
        tree.write(name)
    tree.write("env/pyvenv.cfg")
    tree.write("env/lib/a.py")
    (tree.path / "folder.py").mkdir()
    assert tree.modules() == ["a.py"]


def test_a_link_to_a_module_counts_and_one_to_a_directory_or_to_nothing_does_not(tree: Tree) -> None:
    tree.write("shop/a.py")
    (tree.path / "b.py").symlink_to("shop/a.py")
    (tree.path / "loop").symlink_to(tree.path)
    (tree.path / "gone.py").symlink_to("nowhere.py")
    assert tree.modules() == ["b.py", "shop/a.py"]


def test_a_directory_that_cannot_be_read_is_left_out(tree: Tree) -> None:
    assert list(modules_in(tree.path / "gone", tree.path)) == []


def test_directories_that_are_nested_too_deep_are_left_out(tree: Tree) -> None:
    tree.write(f"{'a/' * 100}a.py")
    tree.write(f"{'a/' * 101}a.py")
    assert tree.modules() == [f"{'a/' * 100}a.py"]
    compiled = tree.compile()
    assert compiled.failed == ()


def test_the_modules_are_in_the_application_directory(tree: Tree) -> None:
    assert source_directories(Project(tree.path), tree.path / "none") == (tree.path,)
    assert source_directories(Project(tree.path, tree.path, "hello.py"), tree.path / "none") == ()


def test_an_application_in_a_source_tree_imports_editable_distributions_from_elsewhere_in_it(
    tree: Tree, tmp_path: Path
) -> None:
    site_packages = tmp_path / "site-packages"
    for name in ("apps/web/web.py", "libs/money/src/money.py", "apps/web/plugins/paper.py"):
        tree.write(name)
    for name, place in {
        "money": tree.path / "libs" / "money",
        "paper": tree.path / "apps" / "web" / "plugins",
        "elsewhere": tmp_path / "app-two",
    }.items():
        editable(site_packages, name, place)
    root = tree.path / "apps" / "web"
    assert source_directories(Project(root, tree.path), site_packages) == (root, tree.path / "libs" / "money")
