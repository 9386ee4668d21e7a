"""After a change, the sources are found that have to be compiled, without reading what was compiled before."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.compiling import Bytecode, Compiled, look_for_bytecode, remove_stray
from layerwright.files.removal import remove_tree
from layerwright.files.trees.linking import link_tree
from layerwright.files.trees.tree import tree_of

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".cpython-313.pyc"
# What compiled_before() writes is older.
SINCE = 2_000 * 1_000_000_000


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    venv = tmp_path / "venv"
    for number in range(6):
        write(venv / "lib" / f"package{number % 3}" / f"module{number}.py")
    return venv


def write(source: Path) -> None:
    """Write *source*, with bytecode."""
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text("one = 1\n")
    bytecode_of(source).parent.mkdir(exist_ok=True)
    bytecode_of(source).write_text("bytecode")


def bytecode_of(source: Path) -> Path:
    return source.parent / "__pycache__" / f"{source.stem}{SUFFIX}"


def compiled_before(venv: Path) -> Compiled:
    """Return a copy of *venv* by hard links, as it is when everything in there has valid bytecode."""
    for source in venv.rglob("*.py"):
        os.utime(source, (1_000, 1_000))
    # Longer than a tick of the clock for the times of files: the copy shows that it is newer.
    time.sleep(0.02)
    link_tree(str(venv), str(venv.with_name("before")))
    return Compiled(venv.with_name("before"), SINCE)


def look(venv: Path, before: Compiled | None = None) -> Bytecode:
    found = look_for_bytecode(tree_of(venv), ["lib", "src"], SUFFIX, before)
    return Bytecode(tuple(sorted(found.stale)), tuple(sorted(found.stray)))


def test_without_an_earlier_environment_every_source_may_be_stale(venv: Path) -> None:
    write(venv / "src" / "checkout" / "a.py")
    write(venv / "bin" / "script.py")
    assert look(venv) == Bytecode(
        stale=(*(f"lib/package{n % 3}/module{n}.py" for n in (0, 3, 1, 4, 2, 5)), "src/checkout/a.py")
    )


def test_what_was_compiled_before_is_not_stale(venv: Path) -> None:
    assert look(venv, compiled_before(venv)) == Bytecode()


@pytest.mark.parametrize("change", ["source", "written into", "bytecode gone", "bytecode", "new", "link"])
def test_what_is_not_the_file_that_was_compiled_before_may_be_stale(
    venv: Path, tmp_path: Path, change: str
) -> None:
    before = compiled_before(venv)
    source = venv / "lib" / "package1" / "module1.py"
    if change == "source":
        # A kept link keeps the inode from being used again.
        source.rename(tmp_path / "kept")
        write(source)
    elif change == "written into":
        source.write_text("changed = True\n")
    elif change == "bytecode gone":
        bytecode_of(source).unlink()
    elif change == "bytecode":
        bytecode_of(source).rename(tmp_path / "kept")
        bytecode_of(source).write_text("bytecode")
    elif change == "new":
        source = venv / "lib" / "package9" / "module.py"
        write(source)
    else:
        source = venv / "lib" / "link.py"
        source.symlink_to("package1/module1.py")
        write(venv / "lib" / "other.py")
        bytecode_of(source).write_text("bytecode")
        remove_tree(before.copy)
        before = compiled_before(venv)
    assert look(venv, before) == Bytecode(stale=(str(source.relative_to(venv)),))


def test_directories_that_were_not_changed_since_the_copy_are_not_compared(venv: Path) -> None:
    before = compiled_before(venv)
    # This is not noticed, which shows that nothing looks.
    folder = before.copy / "lib" / "package1"
    times = folder.stat()
    (folder / "module1.py").unlink()
    os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert look(venv, before) == Bytecode()
    write(venv / "lib" / "package1" / "new.py")
    assert look(venv, before) == Bytecode(stale=("lib/package1/module1.py", "lib/package1/new.py"))


def test_bytecode_may_be_older_than_its_source_if_that_was_not_written_to_since(venv: Path) -> None:
    """It is from the store, and the source from a wheel that was unpacked later."""
    before = compiled_before(venv)
    source = venv / "lib" / "package1" / "module1.py"
    os.utime(bytecode_of(source), (1, 1))
    os.utime(source, (1_999, 1_999))
    assert look(venv, before) == Bytecode()
    assert look(venv, before._replace(since=0)).stale


def test_bytecode_without_a_source_and_temporary_files_are_removed(venv: Path) -> None:
    before = compiled_before(venv)
    cache = venv / "lib" / "package1" / "__pycache__"
    for name in ("gone.cpython-313.pyc", "module1.cpython-313.pyc.tmp", "gone.pyc"):
        (cache / name).touch()
    # Of another interpreter, with a source; and what is no bytecode.
    for name in ("module1.cpython-312.opt-1.pyc", "notes.txt"):
        (cache / name).touch()
    only = venv / "lib" / "old" / "__pycache__"
    only.mkdir(parents=True)
    (only / "gone.cpython-313.pyc").touch()
    (venv / "lib" / "data.py").mkdir()

    found = look(venv, before)
    remove_stray(tree_of(venv), found)

    assert [name.rpartition("/")[2] for name in found.stray] == [
        "gone.cpython-313.pyc",
        "gone.cpython-313.pyc",
        "gone.pyc",
        "module1.cpython-313.pyc.tmp",
    ]
    assert not only.exists()
    assert sorted(path.name for path in cache.iterdir()) == [
        "module1.cpython-312.opt-1.pyc",
        "module1.cpython-313.pyc",
        "module4.cpython-313.pyc",
        "notes.txt",
    ]
    assert look(venv, before).stray == ()
