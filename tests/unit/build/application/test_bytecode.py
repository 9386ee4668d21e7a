"""The bytecode of the application's own modules: an import accepts it, and it never hides a source."""

from __future__ import annotations

import marshal
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright.build.application.bytecode import Kept, read_kept, write_kept
from layerwright.build.application.in_place import write_files
from layerwright.errors import CommandFailed
from layerwright.files.checksummed import write_checksummed
from layerwright.process.version import __version__
from tests.unit.build.application.samples import SUFFIX, Tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path)
    tree.write("shop/__init__.py")
    tree.write("shop/cart.py", "PRICE = 1\n")
    return tree


def test_an_import_compiles_nothing_whatever_the_times_of_files(tree: Tree) -> None:
    assert tree.imported("import shop.cart") == ["compiled __init__.py", "compiled cart.py"]
    compiled = tree.compile()
    assert dict(compiled.files()).keys() == {
        f"shop/__pycache__/__init__{SUFFIX}",
        f"shop/__pycache__/cart{SUFFIX}",
    }
    assert write_files(tree.path, compiled.files()) == ()
    os.utime(tree.path / "shop" / "cart.py", (315532801, 315532801))
    assert tree.imported("import shop.cart; print(shop.cart.PRICE)") == ["1"]


def test_a_source_that_changed_afterwards_runs_as_it_is(tree: Tree) -> None:
    write_files(tree.path, tree.compile().files())
    tree.write("shop/cart.py", "PRICE = 2\n")
    assert tree.imported("import shop.cart; print(shop.cart.PRICE)") == ["compiled cart.py", "2"]


def test_only_changed_modules_are_compiled_again_and_the_result_is_that_of_a_first_build(tree: Tree) -> None:
    first = tree.compile()
    assert first.number == 2
    tree.write("shop/cart.py", "PRICE = 2\n")
    tree.write("shop/order.py")
    second = tree.compile(first.kept)
    assert second.number == 2
    assert list(second.files()) == list(tree.compile().files())
    assert second.kept == tree.compile().kept


def test_nothing_is_run_if_nothing_changed_even_if_a_module_does_not_compile(tree: Tree) -> None:
    tree.write("shop/template.py", "print 'old'\n")
    first = tree.compile()
    assert first.failed == ("shop/template.py",)
    assert len(tree.commands) == 1
    again = tree.compile(first.kept)
    assert (again.number, again.failed, len(tree.commands)) == (0, ("shop/template.py",), 1)
    assert again.kept == first.kept
    assert list(tree.temporary.iterdir()) == []


def test_where_no_module_compiles_there_is_no_bytecode(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write("b.py", "print 'old'\n")
    tree.write("a/b.py", "print 'old'\n")
    compiled = tree.compile()
    assert (list(compiled.files()), compiled.failed) == ([], ("b.py", "a/b.py"))


def test_bytecode_is_found_by_the_name_of_its_module_alone(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write("a.b.py", "print('a.b')\n")
    tree.write("a.py", "print('a')\n")
    files = dict(tree.compile().files())
    assert files.keys() == {f"__pycache__/a{SUFFIX}", f"__pycache__/a.b{SUFFIX}"}
    write_files(tree.path, files.items())
    assert tree.imported("import a") == ["a"]


def test_the_tree_is_only_read_and_a_module_that_cannot_be_read_is_left_out(tree: Tree) -> None:
    tree.write("shop/gone.py")
    modules = tree.modules()
    (tree.path / "shop" / "gone.py").unlink()
    tree.modules = lambda: modules  # type: ignore[method-assign]
    before = sorted(tree.path.rglob("*"))
    compiled = tree.compile()
    assert compiled.keys.keys() == {"shop/__init__.py", "shop/cart.py"}
    assert sorted(tree.path.rglob("*")) == before


def test_names_are_bytes(tree: Tree) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    tree.write(name, "print('open')\n")
    write_files(tree.path, tree.compile().files())
    assert tree.imported("import os; __import__(os.fsdecode(b'caf\\xe9'))") == ["open"]


def test_another_python_compiles_everything(tree: Tree) -> None:
    first = tree.compile()
    tree.interpreter = replace(tree.interpreter, version=tree.interpreter.version + ".1")
    again = tree.compile(first.kept._replace(python="3.11.99"))
    assert again.number == 2


def test_a_failure_to_compile_is_raised_and_leaves_nothing(tree: Tree) -> None:
    interpreter = tree.interpreter
    prefix = tree.temporary.with_name("python")
    tree.interpreter = replace(interpreter, prefix=prefix)
    tree.interpreter.executable.parent.mkdir(parents=True)
    tree.interpreter.executable.write_text("#!/bin/sh\nexit 1\n")
    tree.interpreter.executable.chmod(0o755)
    with pytest.raises(CommandFailed):
        tree.compile()
    assert list(tree.temporary.iterdir()) == []


def test_what_is_kept_is_read_as_it_was_written_and_equal_bytecode_gives_equal_bytes(
    tree: Tree, tmp_path: Path
) -> None:
    kept = tree.compile().kept
    file, other = tmp_path / "kept", tmp_path / "other"
    write_kept(file, kept)
    assert read_kept(file) == kept
    write_kept(other, kept._replace(bytecode=dict(reversed(kept.bytecode.items()))))
    assert file.read_bytes() == other.read_bytes()


def test_nothing_is_kept_in_a_file_that_is_missing_damaged_or_of_another_version(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    assert read_kept(file) == Kept()
    file.write_bytes(b"damaged")
    assert read_kept(file) == Kept()
    other = (f"{__version__}+other", "3.13.2", SUFFIX, {})
    for content in (b"", b"no marshalled value", marshal.dumps(None), marshal.dumps(other)):
        write_checksummed(file, content)
        assert read_kept(file) == Kept()
