from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees.seal import altered_since, seal_from, seal_of
from layerwright.files.trees.tree import tree_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("package/module.py", "package/data.json", "package/__pycache__/module.cpython-313.pyc"):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text("before")
    return tmp_path / "tree"


def test_a_seal_notices_a_module_that_was_edited_and_no_data_or_bytecode(tree: Path) -> None:
    seal = seal_from(tree_of(tree))
    (tree / "package/data.json").write_text("edited in place")
    (tree / "package/__pycache__/module.cpython-313.pyc").write_text("edited in place")
    assert altered_since(tree, seal) == ()
    (tree / "package/module.py").write_text("edited in place")
    assert altered_since(tree, seal) == ("package/module.py",)


@pytest.mark.parametrize("name", ["package/data.json", "package/__pycache__/module.cpython-313.pyc"])
def test_a_seal_of_all_files_notices_data_and_bytecode_as_well(tree: Path, name: str) -> None:
    seal = seal_of(tree)
    assert altered_since(tree, seal) == ()
    (tree / name).write_text("edited in place")
    assert altered_since(tree, seal) == (name,)


def test_a_tree_that_is_gone_has_no_state(tree: Path) -> None:
    seal = seal_from(tree_of(tree))
    with pytest.raises(FileNotFoundError):
        altered_since(tree / "absent", seal)
