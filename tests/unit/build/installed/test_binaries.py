from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.binaries import binaries
from layerwright.pythons.elf import machine_of
from tests.unit.pythons.samples import elf_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODULE = "cpython-313-x86_64-linux-gnu.so"


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    path = tmp_path / "venv" / "lib" / "python3.13" / "site-packages"
    path.mkdir(parents=True)
    return path


def machine(tmp_path: Path) -> bytes:
    (tmp_path / "python").write_bytes(elf_file())
    return machine_of(tmp_path / "python")


def install(site_packages: Path, label: str, files: Mapping[str, bytes]) -> None:
    """Write the *files* of the distribution *label*, by their names in its ``RECORD``."""
    for name, content in files.items():
        path = (site_packages / name).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    record = site_packages / f"{label}.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("".join(f'"{name}",sha256=x,1\n' if "," in name else f"{name},,\n" for name in files))


def test_executables_and_libraries_are_found_with_their_distribution(
    site_packages: Path, tmp_path: Path
) -> None:
    library = elf_file(needed=("libm.so.6",))
    install(
        site_packages,
        "Acme_Web-1.0",
        {
            "acme/__init__.py": b"",
            f"acme/a,b.{MODULE}": library,
            "acme.libs/libleft-1234.so.1.2": library,
            "acme/data.txt": library,
            "../../../bin/acme": library,
            "../../../bin/script": b"#!/bin/sh\n",
            "../../../lib/libright.so": library,
        },
    )
    found = {one.name: one for one in binaries(site_packages, machine(tmp_path))}
    assert {*found} == {
        f"acme/a,b.{MODULE}",
        "acme.libs/libleft-1234.so.1.2",
        "../../../bin/acme",
        "../../../lib/libright.so",
    }
    assert {one.distribution for one in found.values()} == {"acme-web 1.0"}
    assert {one.dynamic.needed for one in found.values()} == {("libm.so.6",)}
    assert found["../../../bin/acme"].path == tmp_path / "venv" / "bin" / "acme"


def test_files_that_are_absent_malformed_or_for_another_machine_are_left_out(
    site_packages: Path, tmp_path: Path
) -> None:
    whole = elf_file(needed=("libm.so.6",))
    install(
        site_packages,
        "acme-1.0",
        {
            "cut.so": whole[:150],
            "text.so": b"not one",
            "of32.so": elf_file(bits=32),
            "gone.so": whole,
            "pipe.so": b"",
            "whole.so": whole,
        },
    )
    (site_packages / "gone.so").unlink()
    (site_packages / "pipe.so").unlink()
    os.mkfifo(site_packages / "pipe.so")
    (site_packages / "other-1.0.dist-info" / "RECORD").mkdir(parents=True)
    assert [one.name for one in binaries(site_packages, machine(tmp_path))] == ["whole.so"]


@pytest.mark.parametrize(
    ("files", "loaded"),
    [
        # Modules; a library beside them may be one of several that they choose from.
        ((f"acme/_a.{MODULE}", "acme/b.abi3.so", "c.so", "acme/libd.so"), "_a b c"),
        ((f"acme/libtriton.{MODULE}", "acme/plugins/libqt.so.5"), "libtriton"),
        # Python code loads libraries by their paths.
        (("acme/core.py", "acme/lib_acme.so"), "lib_acme"),
        # Libraries for other distributions.
        (("nvidia/__init__.py", "nvidia/cu/__init__.py", "nvidia/lib/libcu.so.12"), ""),
        (("nvidia/lib/libcu.so.12", "../../../bin/tool"), "tool"),
    ],
)
def test_files_that_something_loads_are_told_from_libraries_of_others(
    site_packages: Path, tmp_path: Path, files: tuple[str, ...], loaded: str
) -> None:
    install(site_packages, "acme-1.0", {name: elf_file() for name in files})
    found = binaries(site_packages, machine(tmp_path))
    names = [one.name.rpartition("/")[2].partition(".")[0] for one in found if one.loaded]
    assert " ".join(names) == loaded
