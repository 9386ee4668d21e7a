from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.installed.compiling import look_for_bytecode
from layerwright.build.installed.sources import list_files
from layerwright.build.store import _linking, bytecode
from layerwright.build.store.bytecode import BytecodeStore, Linked
from layerwright.build.store.listing import stored_bytecode, stored_layers
from layerwright.files.trees.tree import tree_of
from layerwright.process.runner import Runner
from layerwright.pythons.bytecode import compile_command
from layerwright.pythons.interpreter import Interpreter
from tests.unit.build.store.compiled import (
    SUFFIX,
    VALID,
    Machine,
    compile_rest,
    contents,
    install,
    pyc,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# What the next environment gets


def test_what_was_compiled_for_one_environment_is_linked_into_the_next(machine: Machine) -> None:
    nothing, one = machine.build("one")
    linked, two = machine.build("two")
    assert nothing == Linked()
    assert linked == Linked(tuple(str(two / name) for name in (*VALID, "bravo.py")))
    assert contents(two) == contents(one)
    assert len(contents(two)) == 3
    assert all(pyc(two, name).samefile(pyc(one, name)) for name in (*VALID, "bravo.py"))


def test_what_is_linked_is_what_the_interpreter_would_compile(tmp_path: Path) -> None:
    """Each byte, also in an environment at another path."""
    version, minor = "{}.{}.{}".format(*sys.version_info), "{}.{}".format(*sys.version_info)
    interpreter = Interpreter(version=version, prefix=Path(sys.base_prefix))

    def build(place: str, store: Path) -> dict[str, bytes]:
        lib = tmp_path / place / "lib"
        site_packages = lib / f"python{minor}" / "site-packages"
        install(site_packages, "acme", "acme/__init__.py", "acme/a.py", "acme/bad.py")
        (site_packages / "acme/a.py").write_text("def a(b):\n    return b in {'one', 'two'}, __file__\n")
        (site_packages / "acme/bad.py").write_text("def\n")
        bytecode = BytecodeStore(store, interpreter)
        tree = tree_of(lib)
        linked = bytecode.take(list_files(tree_of(site_packages)), site_packages)
        [*stale], _ = look_for_bytecode(tree, [f"python{minor}"], ".pyc", None)
        due = {f"{lib}/{name}" for name in stale}.difference(linked.sources)
        said = runner.capture(compile_command(interpreter.executable, [lib], listed=sorted(due)))
        bytecode.offer(site_packages)
        assert said == "Files that do not compile, left without bytecode: 1\n"
        found.append(len(linked.sources))
        return contents(site_packages)

    runner, found = Runner(env={"PATH": "/usr/bin:/bin"}), list[int]()
    compiled = build("one", tmp_path / "store")
    assert build("somewhere/else", tmp_path / "store") == compiled
    assert build("without", tmp_path / "another store") == compiled
    assert found == [0, 2, 0]


def test_a_source_that_does_not_compile_is_tried_each_time(machine: Machine) -> None:
    """So the log says the same with and without the store."""
    machine.build("one")
    linked, two = machine.build("two")
    assert str(two / "acme/bad.py") not in linked.sources


def test_a_distribution_with_one_other_source_is_compiled(machine: Machine) -> None:
    machine.build("one")
    linked, two = machine.build("two", a="changed = True\n")
    assert linked == Linked((str(two / "bravo.py"),))
    assert pyc(two).read_bytes() == b"compiled changed = True\n"
    assert len(machine.names) == 3


def test_what_a_wheel_says_about_itself_makes_no_difference(machine: Machine) -> None:
    """Otherwise a wheel with the hashes of another one in its ``RECORD`` would decide what that one runs."""
    machine.build("one")
    site_packages = machine.environment("two")
    (site_packages / "acme/a.py").write_text("import os\n")
    record = (machine.path / "one/acme-1.0.dist-info/RECORD").read_text()
    assert (site_packages / "acme-1.0.dist-info/RECORD").read_text() == record
    linked = BytecodeStore(machine.store, machine.interpreter).take(
        list_files(tree_of(site_packages)), site_packages
    )
    assert linked.sources == (str(site_packages / "bravo.py"),)


def test_bytecode_of_a_wheel_is_never_stored(machine: Machine) -> None:
    """It may have a valid header, and do something else than its source."""
    site_packages = machine.environment("one")
    pyc(site_packages).parent.mkdir()
    pyc(site_packages).write_bytes(b"hostile")
    store = BytecodeStore(machine.store, machine.interpreter)
    store.take(list_files(tree_of(site_packages)), site_packages)
    compile_rest(site_packages)
    store.offer(site_packages)
    assert [one.label for one in stored_bytecode(machine.store)[0]] == ["bravo 1.0"]


@pytest.mark.parametrize("name", ["bin/python3.13", "lib/libpython3.13.so.1.0"])
def test_another_interpreter_has_bytecode_of_its_own(machine: Machine, name: str) -> None:
    """Also one that has replaced the first under its path, with the same version."""
    machine.build("one")
    file = machine.interpreter.prefix / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("patched")
    assert machine.build("two")[0] == Linked()
    assert len(machine.names) == 4


def test_so_has_another_compiler(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.build("one")
    monkeypatch.setattr(bytecode, "compiler", lambda: "other")
    assert machine.build("two")[0] == Linked()


def test_the_last_use_is_recorded(machine: Machine) -> None:
    machine.build("one")
    os.utime(machine.entry(), (0, 0))
    machine.build("two")
    assert all(one.used > 0 for one in stored_bytecode(machine.store)[0])


def test_an_environment_that_is_compiled_afresh_replaces_what_is_stored(machine: Machine) -> None:
    machine.build("one")
    linked, two = machine.build("two", afresh=True)
    assert linked == Linked()
    _, three = machine.build("three")
    assert pyc(three).samefile(pyc(two))
    assert len(machine.names) == 2


def test_the_store_lists_distributions_and_what_it_does_not_know(machine: Machine) -> None:
    machine.build("one")
    place = machine.store / "bytecode"
    (place / "mine").mkdir()
    (place / "link").symlink_to(machine.entry())
    (place / ".left").mkdir()
    found, unknown = stored_bytecode(machine.store)
    assert sorted((one.label, one.python) for one in found) == [
        ("acme 1.0", "3.13.1"),
        ("bravo 1.0", "3.13.1"),
    ]
    assert [path.name for path in unknown] == ["link", "mine"]
    assert stored_layers(machine.store) == ([], [])


# What is wrong never makes wrong bytecode


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: (entry / "contents/1").write_bytes(b"x" * 9),
        lambda entry: os.truncate(entry / "contents/1", 2),
        lambda entry: (entry / "contents/1").chmod(0o666),
        lambda entry: (entry / "contents/1").unlink(),
        lambda entry: (entry / "contents/2").write_bytes(b"more"),
        lambda entry: shutil.rmtree(entry / "contents"),
        lambda entry: (entry / "entry").unlink(),
        lambda entry: (entry / "entry").write_bytes(b""),
        lambda entry: os.truncate(entry / "entry", 30),
        lambda entry: (entry / "entry").write_bytes(bytes((entry / "entry").stat().st_size)),
    ],
)
def test_a_changed_or_damaged_entry_is_made_anew_and_told(
    machine: Machine, change: Callable[[Path], object]
) -> None:
    machine.build("one")
    change(machine.entry())
    linked, two = machine.build("two")
    assert linked == Linked((str(two / "bravo.py"),), ("acme 1.0",))
    assert pyc(two).read_bytes() == b"compiled # acme/a.py\n"
    assert machine.build("three")[0].altered == ()
    assert len(machine.names) == 2


def test_bytecode_that_was_edited_through_an_environment_is_noticed(machine: Machine) -> None:
    _, one = machine.build("one")
    pyc(one).write_bytes(b"edited")
    linked, two = machine.build("two")
    assert linked.altered == ("acme 1.0",)
    assert pyc(two).read_bytes() == b"compiled # acme/a.py\n"


def test_an_entry_that_is_removed_meanwhile_leaves_nothing_behind(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.build("one")
    doomed = machine.entry() / "contents" / "1"

    class Removing(_linking.Linking):
        def __call__(self, source: str, destination: str) -> None:
            doomed.unlink(missing_ok=True)
            super().__call__(source, destination)

    monkeypatch.setattr(bytecode, "Linking", Removing)
    site_packages = machine.environment("two")
    linked = BytecodeStore(machine.store, machine.interpreter).take(
        list_files(tree_of(site_packages)), site_packages
    )
    assert linked.sources == (str(site_packages / "bravo.py"),)
    assert not pyc(site_packages, "acme/__init__.py").exists()


def test_a_store_that_is_removed_while_a_build_compiles_is_filled_again(machine: Machine) -> None:
    site_packages = machine.environment("one")
    store = BytecodeStore(machine.store, machine.interpreter)
    store.take(list_files(tree_of(site_packages)), site_packages)
    compile_rest(site_packages)
    shutil.rmtree(machine.store, ignore_errors=True)
    store.offer(site_packages)
    assert machine.build("two")[0].sources


def test_what_a_killed_build_has_half_written_is_not_used_and_removed_later(machine: Machine) -> None:
    machine.build("one")
    draft = machine.store / "bytecode" / ".0123"
    machine.entry().rename(draft)
    (draft / "entry").unlink()
    os.utime(draft, (0, 0))
    linked, two = machine.build("two")
    assert linked == Linked((str(two / "bravo.py"),))
    assert not draft.exists()


def test_two_builds_may_store_the_same_at_once(machine: Machine) -> None:
    stores = []
    for name in ("one", "two"):
        site_packages = machine.environment(name)
        store = BytecodeStore(machine.store, machine.interpreter)
        assert store.take(list_files(tree_of(site_packages)), site_packages) == Linked()
        compile_rest(site_packages)
        stores.append((store, site_packages))
    threads = [threading.Thread(target=store.offer, args=(place,)) for store, place in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(machine.names) == 2
    assert len(machine.build("three")[0].sources) == 3


def test_another_build_that_was_faster_is_not_disturbed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_packages = machine.environment("one")
    store = BytecodeStore(machine.store, machine.interpreter)
    store.take(list_files(tree_of(site_packages)), site_packages)
    compile_rest(site_packages)

    def faster(entry: Path) -> None:
        monkeypatch.undo()
        machine.build("two")

    monkeypatch.setattr(bytecode, "remove_entry", faster)
    store.offer(site_packages)
    assert pyc(machine.build("three")[1]).samefile(pyc(machine.path / "two"))


def test_a_source_that_cannot_be_read_is_compiled(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.build("one")

    def refused(path: Path) -> Any:
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(bytecode, "of_file", refused)
    assert machine.build("two")[0] == Linked()


# Where there is no usable store


def test_a_store_that_others_can_write_to_is_not_used(machine: Machine) -> None:
    machine.build("one")
    machine.store.chmod(0o777)
    linked, two = machine.build("two", a="new = 1\n")
    assert linked == Linked()
    assert len(contents(two)) == 3
    assert len(machine.names) == 2


def test_a_full_store_gets_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(bytecode, "write_sealed", full)
    _, one = machine.build("one")
    assert len(contents(one)) == 3
    assert machine.names == []


def test_a_full_disk_leaves_the_rest_to_the_compiler(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.build("one")

    class Full(_linking.Linking):
        def __call__(self, source: str, destination: str) -> None:
            if destination.endswith(f"a{SUFFIX}"):
                raise OSError(errno.ENOSPC, "full")
            super().__call__(source, destination)

    monkeypatch.setattr(bytecode, "Linking", Full)
    site_packages = machine.environment("two")
    linked = BytecodeStore(machine.store, machine.interpreter).take(
        list_files(tree_of(site_packages)), site_packages
    )
    assert linked.sources == (str(site_packages / "bravo.py"),)
    assert sorted(contents(site_packages)) == ["__pycache__/bravo.cpython-313.pyc"]


def test_a_store_that_cannot_be_written_to_is_read(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.build("one")
    shutil.rmtree(machine.entry())

    def refused(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.EROFS, "read-only")

    for name in ("utime", "rename"):
        monkeypatch.setattr(os, name, refused)
    monkeypatch.setattr(bytecode, "sweep", refused)
    linked, two = machine.build("two")
    assert linked == Linked((str(two / "bravo.py"),))
    assert len(machine.names) == 1


def test_a_damaged_entry_that_cannot_be_removed_is_not_used(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.build("one")
    os.truncate(machine.entry() / "contents/1", 2)

    def refused(path: Path) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(bytecode, "remove_entry", refused)
    linked, two = machine.build("two")
    assert linked == Linked((str(two / "bravo.py"),), ("acme 1.0",))
    assert pyc(two).read_bytes() == b"compiled # acme/a.py\n"


def test_without_links_files_are_copied_and_synced(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another file system."""

    def refused(source: str, destination: str) -> None:
        raise OSError(errno.EXDEV, "another file system")

    synced: list[Path] = []
    monkeypatch.setattr(_linking, "hard_link", refused)
    monkeypatch.setattr(bytecode, "sync_file_system", synced.append)
    _, one = machine.build("one")
    linked, two = machine.build("two")
    assert synced == [machine.store / "bytecode"]
    assert len(linked.sources) == 3
    assert contents(two) == contents(one)
    assert not pyc(two).samefile(pyc(one))
    assert machine.build("three")[0].altered == ()
