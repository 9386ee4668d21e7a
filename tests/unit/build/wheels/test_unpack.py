from __future__ import annotations

import base64
import hashlib
import io
import os
from typing import TYPE_CHECKING

import pytest

from layerwright.build.wheels._unpack import Scheme, extract, unpack
from layerwright.build.wheels.wheel import ArchivedWheel, UnusableWheelError
from layerwright.testing import wheel
from tests.unit.build.wheels.samples import packed, tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DATA = "acme-1.0.data"
INFO = "acme-1.0.dist-info"


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    site = tmp_path / "lib" / "python3.13" / "site-packages"
    return Scheme(
        base=tmp_path, site=site, scripts=tmp_path / "bin", python=tmp_path / "bin" / "python", minor="3.13"
    )


def unpacked(data: bytes, scheme: Scheme) -> dict[str, bytes]:
    unpack(ArchivedWheel(io.BytesIO(data)), scheme)
    files = (path for path in scheme.base.rglob("*") if path.is_file())
    return {path.relative_to(scheme.base).as_posix(): path.read_bytes() for path in files}


def row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}"


def test_the_files_their_metadata_and_their_scripts_are_installed(scheme: Scheme) -> None:
    files = unpacked(wheel("acme", "1.0", entry_points={"serve": "acme:main"}).data, scheme)
    site = "lib/python3.13/site-packages"
    assert sorted(files) == [
        "bin/serve",
        f"{site}/{INFO}/INSTALLER",
        f"{site}/{INFO}/METADATA",
        f"{site}/{INFO}/RECORD",
        f"{site}/{INFO}/REQUESTED",
        f"{site}/{INFO}/WHEEL",
        f"{site}/{INFO}/entry_points.txt",
        f"{site}/acme/__init__.py",
    ]
    assert files[f"{site}/{INFO}/INSTALLER"] == b"pip\n"
    record = files[f"{site}/{INFO}/RECORD"].decode().split("\r\n")
    assert record[0] == row("../../../bin/serve", files["bin/serve"])
    assert row("acme/__init__.py", b'__version__ = "1.0"\n') in record
    assert f"{INFO}/RECORD,," in record
    assert record[:-1] == sorted(record[:-1])
    assert os.access(scheme.scripts / "serve", os.X_OK)


def test_every_directory_for_data_has_its_place(scheme: Scheme) -> None:
    more = {
        f"{DATA}/data/share/acme.txt": "data",
        f"{DATA}/platlib/acme_native.py": "platlib",
        f"{DATA}/purelib/acme_pure.py": "purelib",
        "acme/": "",
    }
    files = unpacked(tool(more=more), scheme)
    assert files["share/acme.txt"] == b"data"
    assert files["lib/python3.13/site-packages/acme_native.py"] == b"platlib"
    assert files["lib/python3.13/site-packages/acme_pure.py"] == b"purelib"
    assert files["bin/acme"] == b"\x7fELF acme"
    assert os.access(scheme.scripts / "acme", os.X_OK)
    assert b"../../../bin/acme,,\r\n" in files[f"lib/python3.13/site-packages/{INFO}/RECORD"]


def test_a_script_that_leaves_its_interpreter_open_gets_this_one(scheme: Scheme) -> None:
    script = f"#!{scheme.python}\nprint(1)\n".encode()
    files = unpacked(tool(more={f"{DATA}/scripts/show": "#!python\nprint(1)\n"}), scheme)
    assert files["bin/show"] == script
    record = files[f"lib/python3.13/site-packages/{INFO}/RECORD"].decode().split("\r\n")
    assert row("../../../bin/show", script) in record


def test_packed_wrappers_of_entry_points_are_replaced(scheme: Scheme) -> None:
    more = {
        f"{INFO}/entry_points.txt": "[console_scripts]\nserve = acme:main\n",
        f"{DATA}/scripts/serve": "#!/old/python\n",
        f"{DATA}/scripts/serve-script.py": "",
        f"{DATA}/scripts/serve.exe": "",
    }
    files = unpacked(tool(more=more), scheme)
    assert files["bin/serve"].startswith(f"#!{scheme.python}\nimport sys\n".encode())
    assert sorted(path.name for path in scheme.scripts.iterdir()) == ["acme", "helper", "serve"]


def test_files_that_the_wheel_does_not_list_are_listed(scheme: Scheme) -> None:
    files = {f"{INFO}/WHEEL": "Wheel-Version: 1.0\n", "acme.py": "", f"{INFO}/RECORD": ""}
    record = unpacked(packed(files), scheme)[f"lib/python3.13/site-packages/{INFO}/RECORD"]
    assert b"acme.py,,\r\n" in record


def test_the_umask_is_respected(scheme: Scheme) -> None:
    before = os.umask(0o077)
    try:
        unpacked(tool(), scheme)
    finally:
        os.umask(before)
    assert (scheme.scripts / "acme").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"../outside.py": ""}, "it has a file ../outside.py"),
        ({"/outside.py": ""}, "it has a file /outside.py"),
        ({f"{DATA}/headers/acme.h": ""}, f"it has a file {DATA}/headers/acme.h"),
        ({f"{DATA}/scripts/": "", f"{DATA}/data": ""}, f"it has a file {DATA}/data"),
        ({"base-1.0.data/scripts/x": ""}, "it has a directory base-1.0.data"),
        ({f"{INFO}/WHEEL": "Wheel-Version: 2.0\n"}, "its Wheel-Version is 2.0"),
        ({f"{INFO}/WHEEL": "Tag: py3-none-any\n"}, "its Wheel-Version is None"),
    ],
)
def test_what_only_a_package_manager_can_install_is_refused(
    scheme: Scheme, more: Mapping[str, str], problem: str
) -> None:
    with pytest.raises(UnusableWheelError) as caught:
        unpacked(tool(more=more), scheme)
    assert str(caught.value) == problem
    assert not (scheme.base.parent / "outside.py").exists()


def test_a_wheel_without_a_list_of_its_files_is_refused(scheme: Scheme) -> None:
    with pytest.raises(UnusableWheelError, match=f"it has no {INFO}/RECORD"):
        unpacked(packed({f"{INFO}/WHEEL": "Wheel-Version: 1.0\n"}), scheme)


def test_executables_are_extracted_without_anything_else(tmp_path: Path) -> None:
    more = {"acme/__init__.py": "", f"{DATA}/scripts/deep/er": ""}
    extract(ArchivedWheel(io.BytesIO(tool(more=more))), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme", "helper"]
    assert os.access(tmp_path / "acme", os.X_OK)
