from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.notices.libraries import Needs, library_needs
from layerwright.errors import ERRORS_PAGE
from layerwright.pythons.interpreter import Interpreter
from tests.unit.build.installed.test_binaries import install
from tests.unit.pythons.samples import elf_file

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """A machine with an interpreter, a C library, and an environment below *root*."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layer = root / "layers" / "more" / "lib"
        self.layer.mkdir(parents=True)
        self.interpreter = Interpreter(version="3.13.1", prefix=root / "python")
        self.site_packages = self.interpreter.site_packages(root / "venv")
        self.site_packages.mkdir(parents=True)
        self.interpreter.executable.parent.mkdir(parents=True)
        self.interpreter.executable.write_bytes(elf_file(needed=("libc.so.6",)))
        self.has("libc.so.6")

    def has(self, name: str, content: bytes | None = None) -> None:
        """Add a library to the machine."""
        path = self.root / "usr" / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(elf_file() if content is None else content)

    def installed(self, label: str, **needed: tuple[str, ...]) -> None:
        """Install a distribution with a module for each keyword, which needs those libraries."""
        install(self.site_packages, label, {f"{k}.abi3.so": elf_file(needed=v) for k, v in needed.items()})

    def needs(self, *, launches_here: bool = True) -> Needs:
        return library_needs(
            self.site_packages, self.interpreter, [self.layer], launches_here=launches_here, root=self.root
        )

    def missing(self) -> list[str]:
        """Return the names of the libraries that are missing."""
        lines = self.needs().missing.split("\n")
        return [line.partition(", needed by")[0].strip() for line in lines if ", needed by" in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_library_that_nothing_provides_is_named_with_its_debian_package(machine: Machine) -> None:
    machine.installed("opencv_python-5.0", cv2=("libGL.so.1", "libc.so.6"))
    assert machine.needs() == Needs(
        "Installed distributions need shared libraries that this machine does not have:\n"
        "  libGL.so.1, needed by cv2.abi3.so of opencv-python 5.0: Debian package libgl1\n"
        "Python cannot load these files, so importing them fails.\n"
        "Install the Debian packages: apt-get install libgl1\n"
        f"Reference: {ERRORS_PAGE}#missing-shared-library"
    )


def test_the_build_image_is_only_a_hint_at_the_run_image(machine: Machine) -> None:
    machine.installed("opencv_python-5.0", cv2=("libGL.so.1", "libc.so.6"))
    assert machine.needs(launches_here=False) == Needs(
        "Installed distributions need shared libraries that the build image does not have:\n"
        "  libGL.so.1, needed by cv2.abi3.so of opencv-python 5.0: Debian package libgl1\n"
        "Unless the run image has them, importing these files fails.\n"
        "Use base images with the Debian packages libgl1.\n"
        f"Reference: {ERRORS_PAGE}#missing-shared-library"
    )


def test_the_run_image_must_have_what_the_build_image_has(machine: Machine) -> None:
    for name in ("libGL.so.1", "libacme.so.3", "libstdc++.so.6"):
        machine.has(name)
    machine.installed("acme-1.0", acme=("libGL.so.1", "libacme.so.3", "libstdc++.so.6", "libc.so.6"))
    assert machine.needs() == Needs()
    assert machine.needs(launches_here=False) == Needs(
        of_the_run_image="The run image must also have these shared libraries of the build image:\n"
        "  libGL.so.1, needed by acme.abi3.so of acme 1.0: Debian package libgl1\n"
        "  libacme.so.3, needed by acme.abi3.so of acme 1.0"
    )


def test_what_no_table_knows_is_to_be_found_by_the_reader(machine: Machine) -> None:
    machine.installed("acme-1.0", acme=("libacme.so.3",))
    for here in (True, False):
        words = machine.needs(launches_here=here).missing
        assert "\nFind the packages of the operating system that contain them.\n" in words
        assert "Debian" not in words
    machine.installed("other-1.0", other=("libpq.so.5",))
    words = machine.needs().missing
    assert "apt-get install libpq5\n" in words
    assert "\nFind the packages of the operating system that contain the others.\n" in words


def test_parts_of_cuda_are_in_no_debian_package(machine: Machine) -> None:
    machine.installed("acme-1.0", acme=("libcudart.so.13", "libcublasLt.so.12"))
    words = machine.needs().missing
    assert (
        "\n  libcudart.so.13, needed by acme.abi3.so of acme 1.0: a part of CUDA, which is no Debian package\n"
        in words
    )
    assert "\n  libcublasLt.so.12, needed by acme.abi3.so of acme 1.0: a part of CUDA," in words
    assert "apt-get" not in words
    assert "Find" not in words


def test_what_a_driver_provides_or_a_distribution_does_without_is_not_missing(machine: Machine) -> None:
    machine.installed("acme-1.0", acme=("libcuda.so.1", "libnvidia-ml.so.1"))
    machine.installed("numba-1.0", tbbpool=("libtbb.so.12",))
    assert machine.missing() == []
    machine.installed("tables-1.0", tables=("libtbb.so.12",))
    assert machine.missing() == ["libtbb.so.12"]


def test_many_users_and_many_libraries_are_cut_short(machine: Machine) -> None:
    for name in "edcba":
        machine.installed(f"{name}-1.0", **{name: ("libpq.so.5",)})
    machine.installed("acme-1.0", acme=tuple(f"libz{number:02}.so" for number in range(24)))
    lines = machine.needs().missing.split("\n")
    assert lines[1] == (
        "  libpq.so.5, needed by a.abi3.so of a 1.0, b.abi3.so of b 1.0, c.abi3.so of c 1.0, 2 more:"
        " Debian package libpq5"
    )
    assert lines[21] == "  … and 5 more"


def test_a_library_of_the_environment_or_of_a_layer_is_there(machine: Machine) -> None:
    library = elf_file(soname="libnamed.so.2")
    files = {
        "acme.libs/libleft-12.so.1": elf_file(needed=("libfar.so.1",)),
        "acme.libs/libother-12.so": library,
        "acme.abi3.so": elf_file(
            needed=("libleft-12.so.1", "libnamed.so.2", "libin.so.3", "/opt/libpath.so")
        ),
        # Nothing needs it: it may be for a database that the application does not have.
        "acme/plugins/libplugin.so": elf_file(needed=("libabsent.so",)),
    }
    install(machine.site_packages, "acme-1.0", files)
    (machine.layer / "libin.so.3").write_bytes(elf_file())
    assert machine.missing() == ["libfar.so.1"]
    machine.has("libfar.so.1")
    assert machine.missing() == []


def test_a_library_that_a_library_needs_is_that_of_the_module_that_loads_both(machine: Machine) -> None:
    files = {
        "a.libs/libone.so": elf_file(needed=("libtwo.so",)),
        "a.libs/libtwo.so": elf_file(needed=("libpq.so.5",)),
        "a/y.abi3.so": elf_file(needed=("libone.so",)),
        "a/z.abi3.so": elf_file(needed=("libpq.so.5", "libone.so")),
    }
    install(machine.site_packages, "a-1.0", files)
    assert "libpq.so.5, needed by a/z.abi3.so of a 1.0:" in machine.needs().missing
    (machine.site_packages / "a/z.abi3.so").unlink()
    assert "libpq.so.5, needed by a/y.abi3.so of a 1.0:" in machine.needs().missing


def test_a_library_for_another_machine_is_not_there(machine: Machine) -> None:
    machine.installed("acme-1.0", acme=("libpq.so.5",))
    machine.has("libpq.so.5", elf_file(bits=32))
    assert machine.missing() == ["libpq.so.5"]
    machine.has("libpq.so.5", b"GROUP ( libpq.so.5.1 )\n")
    assert machine.missing() == ["libpq.so.5"]


def test_search_paths_of_the_file_itself_are_searched(machine: Machine) -> None:
    elsewhere = machine.root / "opt"
    elsewhere.mkdir()
    for name in ("libone.so", "libtwo.so"):
        (elsewhere / name).write_bytes(elf_file())
    files = {
        "one.abi3.so": elf_file(needed=("libone.so", "libtwo.so"), runpath=f"$LIB/x:{elsewhere}"),
        "two.abi3.so": elf_file(needed=("libone.so", "libabsent.so"), rpath="${ORIGIN}/../../../../opt"),
        "three.abi3.so": elf_file(needed=("libtwo.so",)),
    }
    install(machine.site_packages, "acme-1.0", files)
    words = machine.needs().missing
    assert "libabsent.so, needed by two.abi3.so of acme 1.0" in words
    assert "libtwo.so, needed by three.abi3.so of acme 1.0" in words
    assert "libone.so" not in words


def test_nothing_is_said_where_libraries_are_elsewhere(machine: Machine) -> None:
    machine.installed("acme-1.0", acme=("libpq.so.5",))
    (machine.root / "usr" / "lib" / "libc.so.6").unlink()
    assert machine.needs() == Needs()
    machine.interpreter.executable.write_text("#!/bin/sh\n")
    assert machine.needs() == Needs()
