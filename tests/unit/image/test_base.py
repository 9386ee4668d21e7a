"""What a base image has is read from its layers, and what the application needs is compared with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.notices.libraries import lacking
from layerwright.cnb.launch import Process
from layerwright.errors import UserError
from layerwright.image.base import modules
from layerwright.image.base.check import check_base
from layerwright.image.base.contents import BaseContents, base_contents, contents_of
from layerwright.image.base.image import BaseImage
from layerwright.image.image import Image
from layerwright.image.parts import read_parts
from layerwright.pythons.elf import Dynamic, ElfError
from layerwright.testing.machine import interpreters
from tests.unit.image.samples import DEBIAN, TARGET, WEB, base, built, glibc

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("compressed", [True, False])
def test_shell_c_library_libraries_and_distribution_are_found(*, compressed: bool) -> None:
    found = contents_of(base(DEBIAN, compressed=compressed)[0])
    assert found == BaseContents(
        shell=True,
        glibc=(2, 36),
        libraries=frozenset({"libc.so.6", "libz.so.1", "ld-linux-x86-64.so.2"}),
        distribution=("debian", "12"),
    )


def test_what_an_upper_layer_removes_is_not_there() -> None:
    upper: dict[str, bytes | str] = {
        "usr/bin/.wh.sh": b"",
        "usr/lib/x86_64-linux-gnu/.wh..wh..opq": b"",
        "usr/lib/x86_64-linux-gnu/libm.so.6": b"",
        ".wh.etc": b"",
    }
    found = contents_of(base(DEBIAN, upper)[0])
    assert not found.shell
    assert found.glibc == ()
    assert found.libraries == {"libm.so.6", "ld-linux-x86-64.so.2"}


def test_musl_is_seen() -> None:
    found = contents_of(base({"lib/ld-musl-x86_64.so.1": b"", "bin/sh": "/bin/busybox"})[0])
    assert found.musl
    assert found.glibc == ()
    assert found.distribution == ("", "")


def test_a_c_library_that_says_no_version_counts_as_none() -> None:
    assert contents_of(base({"lib/libc.so.6": b"?", "lib/libc-2.31.so": glibc("2.31")})[0]).glibc == (2, 31)
    assert contents_of(base({"lib/libc.so.6": b"?"})[0]).glibc == ()


def test_a_base_is_read_once(tmp_path: Path) -> None:
    image, contents = base(DEBIAN)
    first = base_contents(image, tmp_path)
    assert base_contents(image, tmp_path) == first
    assert contents.opened == 1
    for record in tmp_path.iterdir():
        record.write_text("damaged")
    assert base_contents(image, tmp_path) == first
    assert contents.opened == 2


def test_the_target_is_the_distribution_of_the_base_on_the_architecture_of_the_machine() -> None:
    image, _ = base(DEBIAN)
    known = BaseImage(image, contents=contents_of(image))
    assert known.has_shell
    assert known.target(TARGET._replace(distro_version="13")) == TARGET
    assert BaseImage(image).target(TARGET) == TARGET._replace(distro_name="", distro_version="")
    assert BaseImage(Image(layers=(), config={}, platform={}, created="")).target(TARGET) == TARGET


GOOD = BaseContents(shell=True, glibc=(2, 36), libraries=frozenset({"libc.so.6", "libz.so.1"}))


class Site:
    """A build with files that need a glibc."""

    def __init__(self, root: Path, *processes: Process) -> None:
        self.root = root
        built(root / "layers", *processes)
        self.contents = {"python": "sha256:1", "venv": "sha256:2"}

    def file(self, name: str, *versions: str) -> None:
        path = self.root / "layers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x7fELF" + b"".join(f"\0GLIBC_{v}\0".encode() for v in versions))

    def check(self, contents: BaseContents) -> str:
        parts = read_parts(self.root / "layers", self.contents)
        return check_base("base:1", contents, parts, self.root / "records")

    def refused(self, contents: BaseContents) -> UserError:
        with pytest.raises(UserError, match="cannot run on the base image base:1") as caught:
            self.check(contents)
        return caught.value


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, WEB)


def test_a_fitting_base_is_accepted(site: Site) -> None:
    site.file("venv/lib/python3.13/site-packages/x.so", "2.17", "2.36")
    assert site.check(GOOD) == ""


@pytest.mark.parametrize(
    ("contents", "reference", "cause"),
    [
        (GOOD._replace(musl=True, glibc=()), "base-musl", "musl instead of glibc"),
        (GOOD._replace(glibc=()), "base-glibc", "no C library"),
        (
            GOOD._replace(glibc=(2, 9)),
            "base-glibc",
            "It has glibc 2.9, and venv/lib/x.so needs 2.28 or newer.",
        ),
    ],
)
def test_another_or_an_older_c_library_is_refused(
    site: Site, contents: BaseContents, reference: str, cause: str
) -> None:
    site.file("venv/lib/x.so", "2.28", "2.4")
    error = site.refused(contents)
    assert error.reference == reference
    assert cause in error.cause


def test_an_interpreter_that_is_too_new_has_a_remedy(site: Site) -> None:
    site.file("python/bin/python3.13", "2.38")
    error = site.refused(GOOD)
    assert "python/bin/python3.13 needs 2.38" in error.cause
    assert 'python.provider = "standalone"' in error.remedy[1]


def test_files_that_were_searched_are_not_searched_again(site: Site) -> None:
    site.file("venv/lib/x.so", "2.40")
    site.refused(GOOD)
    (site.root / "layers" / "venv" / "lib" / "x.so").write_bytes(b"")
    site.refused(GOOD)
    site.contents["venv"] = "sha256:3"
    site.check(GOOD)
    site.contents["venv"] = ""
    site.file("venv/lib/x.so", "2.40")
    site.refused(GOOD)


def test_without_a_shell_a_process_that_is_a_script_is_refused(tmp_path: Path) -> None:
    script = Process(type="web", command=("sh", "-c", "serve $PORT"))
    error = Site(tmp_path, script).refused(GOOD._replace(shell=False))
    assert error.reference == "base-shell"
    assert "the process web is a shell script" in error.cause
    Site(tmp_path / "other", WEB).check(GOOD._replace(shell=False))


def python(site: Site) -> None:
    """Put a real interpreter into the layer ``python``."""
    executable = next(iter(interpreters().values())).resolve()
    (site.root / "layers" / "python" / "bin" / "python3.13").write_bytes(executable.read_bytes())


def test_missing_shared_libraries_are_named(site: Site) -> None:
    python(site)
    error = site.refused(GOOD._replace(glibc=(9, 9), libraries=frozenset()))
    assert error.reference == "base-libraries"
    assert "  libc.so.6, needed by Python" in error.cause


def test_libraries_of_the_base_and_of_the_layers_count(site: Site) -> None:
    python(site)
    found: Any = site.refused(GOOD._replace(glibc=(9, 9), libraries=frozenset())).cause
    names = [line.split(",")[0].strip() for line in found.splitlines()[1:]]
    (site.root / "layers" / "python" / "lib").mkdir()
    (site.root / "layers" / "python" / "lib" / names[0]).write_bytes(b"")
    site.check(GOOD._replace(glibc=(9, 9), libraries=frozenset(names[1:])))


class Modules:
    """Modules of the interpreter of *site* that are linked to libraries."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        self.site = site
        self.libraries: dict[str, tuple[str, ...]] = {}
        monkeypatch.setattr(modules, "read_dynamic", self.read)
        # Not a program.
        self.add("_broken")

    def add(self, name: str, *libraries: str) -> None:
        self.site.file(f"python/lib/python3.13/lib-dynload/{name}.cpython-313.so")
        if libraries:
            self.libraries[name] = libraries

    def read(self, path: Path) -> Dynamic:
        name = path.name.partition(".")[0]
        if name not in self.libraries:
            raise ElfError(path.name)
        return Dynamic(needed=self.libraries[name])


def test_modules_that_cannot_be_imported_on_the_base_are_named_with_the_packages_of_their_libraries(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_python = Modules(site, monkeypatch)
    of_python.add("_ctypes", "libc.so.6", "libffi.so.8")
    of_python.add("_sqlite3", "libsqlite3.so.0")
    of_python.add("odd", "libodd.so.1")
    of_python.add("readline", "libreadline.so.8")
    assert site.check(GOOD).splitlines() == [
        "On base:1 these modules of Python cannot be imported: ctypes, odd, sqlite3.",
        "They need shared libraries that it lacks: libffi.so.8, libodd.so.1, libsqlite3.so.0.",
        'Python from an archive brings its own: python.provider = "standalone".',
        "Or install their Debian packages in an image of your own on it: libffi8 libsqlite3-0.",
    ]
    there = {*GOOD.libraries, "libffi.so.8", "libsqlite3.so.0"}
    assert "Debian packages" not in site.check(GOOD._replace(libraries=frozenset(there)))
    assert site.check(GOOD._replace(libraries=frozenset({*there, "libodd.so.1"}))) == ""


def test_a_base_on_which_ssl_cannot_be_imported_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_python = Modules(site, monkeypatch)
    of_python.add("_ssl", "libssl.so.3", "libcrypto.so.3")
    of_python.add("_hashlib", "libcrypto.so.3")
    error = site.refused(GOOD)
    assert error.reference == "base-libraries"
    assert error.cause.splitlines() == [
        "It lacks shared libraries:",
        "  libcrypto.so.3, needed by Python's ssl: Debian package libssl3",
        "  libssl.so.3, needed by Python's ssl: Debian package libssl3",
    ]
    assert 'python.provider = "standalone"' in error.remedy[1]


def test_a_file_that_is_no_program_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\n")
    assert lacking(tmp_path, tmp_path / "python", lambda _name: False) == []
