from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.pythons.system._copying import copy_interpreter
from layerwright.pythons.system._strip import stripped
from tests.unit.pythons.samples import elf_file, prefix
from tests.unit.pythons.system.test_strip import LIBRARY, elf

if TYPE_CHECKING:
    from pathlib import Path


def copied(source: Path, destination: Path) -> set[str]:
    destination.mkdir()
    copy_interpreter(source, destination, "3.13")
    return {
        path.relative_to(destination).as_posix()
        for path in destination.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def test_of_a_shared_prefix_only_the_interpreter_is_copied(tmp_path: Path) -> None:
    source = prefix(tmp_path / "old")
    prefix(tmp_path / "old2", minor="3.12").joinpath("lib/python3.12").rename(source / "lib" / "python3.12")
    (source / "share" / "man").mkdir(parents=True)
    (source / "lib" / "libother.so.1").write_bytes(elf_file())
    assert copied(source, tmp_path / "new") == {
        "bin/python3.13",
        "bin/python3.13-config",
        "include/python3.13/Python.h",
        "lib/libpython3.13.so",
        "lib/libpython3.13.so.1.0",
        "lib/pkgconfig/python-3.13.pc",
        "lib/python3.13/_sysconfigdata__linux_.py",
        "lib/python3.13/config-3.13-linux/Makefile",
        "lib/python3.13/ensurepip/_bundled/pip-24.2-py3-none-any.whl",
        "lib/python3.13/lib-dynload/_ssl.cpython-linux.so",
        "lib/python3.13/mimetypes.py",
        "lib/python3.13/os.py",
    }


def test_a_link_beside_its_target_stays_a_link_and_any_other_becomes_a_file(tmp_path: Path) -> None:
    source = prefix(tmp_path / "old")
    (tmp_path / "elsewhere.py").write_text("# there")
    (source / "lib/python3.13/linked.py").symlink_to(tmp_path / "elsewhere.py")
    copied(source, tmp_path / "new")
    assert (tmp_path / "new/lib/libpython3.13.so").is_symlink()
    assert not (tmp_path / "new/lib/python3.13/linked.py").is_symlink()
    assert (tmp_path / "new/lib/python3.13/linked.py").read_text() == "# there"


def test_libraries_of_the_prefix_that_the_interpreter_needs_come_along_with_what_they_need(
    tmp_path: Path,
) -> None:
    source = prefix(tmp_path / "old")
    (source / "lib/python3.13/lib-dynload/_ssl.cpython-linux.so").write_bytes(
        elf_file(needed=("libssl.so.3", "libpython3.13.so.1.0"))
    )
    (source / "lib/libssl.so.3.1").write_bytes(elf_file(needed=("libcrypto.so.3", "libc.so.6")))
    (source / "lib/libssl.so.3").symlink_to("libssl.so.3.1")
    (source / "lib/libcrypto.so.3").write_bytes(elf_file(needed=("libssl.so.3",)))
    (source / "lib/libtls.so.1").write_bytes(elf_file())
    libraries = {name for name in copied(source, tmp_path / "new") if name.startswith("lib/lib")}
    assert libraries == {
        "lib/libcrypto.so.3",
        "lib/libpython3.13.so",
        "lib/libpython3.13.so.1.0",
        "lib/libssl.so.3",
    }
    assert not (tmp_path / "new/lib/libssl.so.3").is_symlink()


def test_the_copy_of_a_binary_is_stripped_and_only_its_owner_may_write_to_it(tmp_path: Path) -> None:
    source = prefix(tmp_path / "old")
    (source / "bin/python3.13").write_bytes(data := elf(*LIBRARY))
    (source / "bin/python3.13").chmod(0o555)
    copied(source, tmp_path / "new")
    assert (tmp_path / "new/bin/python3.13").read_bytes() == stripped(data) != data
    assert (tmp_path / "new/bin/python3.13").stat().st_mode & 0o777 == 0o755
