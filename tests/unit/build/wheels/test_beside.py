from __future__ import annotations

import io
import sys
from importlib.metadata import distributions
from typing import TYPE_CHECKING

import pytest

from layerwright.build.wheels._beside import InstalledWheel, find_beside
from layerwright.build.wheels._unpack import Scheme, unpack
from layerwright.build.wheels.recognise import recognised
from layerwright.build.wheels.wheel import ArchivedWheel, UnusableWheelError, contents_digest
from layerwright.testing import wheel
from tests.unit.build.wheels.samples import tool

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.wheels.wheel import Wheel

MINOR = "{}.{}".format(*sys.version_info)
PURE = wheel("acme", "1.0", entry_points={"serve": "acme:main"}).data


class Environment:
    """The virtual environment of Layerwright at *root*, with the wheel *data* in it."""

    def __init__(self, root: Path, data: bytes = PURE, minor: str = MINOR) -> None:
        self.archived = ArchivedWheel(io.BytesIO(data))
        self.site = root / "lib" / f"python{MINOR}" / "site-packages"
        self.bin = root / "bin"
        self.info = self.site / "acme-1.0.dist-info"
        python = self.bin / "python"
        unpack(self.archived, Scheme(base=root, site=self.site, scripts=self.bin, python=python, minor=minor))

    def recognise(self, minor: str = MINOR) -> str:
        contents = {"sha256:0": contents_digest(self.archived), "sha256:1": "sha256:other"}
        return recognised("acme", "1.0", contents, [self.site], minor)

    def find(self, version: str = "1.0") -> InstalledWheel | None:
        contents = {"sha256:0": contents_digest(self.archived)}
        return find_beside("acme", version, contents, path=[str(self.site)])

    def add(self, name: str, content: str) -> None:
        """Add a file to ``.dist-info``, as an installer does."""
        (self.info / name).write_text(content)
        self.record(f"acme-1.0.dist-info/{name},,\n")

    def record(self, row: str) -> None:
        with (self.info / "RECORD").open("a") as file:
            file.write(row)


def read(found: Wheel, name: str) -> bytes:
    with found.open(name) as file:
        return file.read()


@pytest.mark.parametrize("data", [PURE, tool()])
def test_an_installed_distribution_is_the_wheel_that_it_was_installed_from(
    tmp_path: Path, data: bytes
) -> None:
    environment = Environment(tmp_path, data)
    found = environment.find()
    assert found is not None
    assert sorted(found.names) == sorted(environment.archived.names)
    for name in environment.archived.names:
        assert found.is_executable(name) == environment.archived.is_executable(name)
        if not name.endswith("RECORD"):
            assert read(found, name) == read(environment.archived, name)


def test_the_list_of_its_files_is_that_of_the_wheel(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    found = environment.find()
    assert found is not None
    record = "acme-1.0.dist-info/RECORD"
    rows = read(environment.archived, record).decode().splitlines()
    assert sorted(read(found, record).decode().splitlines()) == sorted(rows)


def test_what_installers_add_is_not_part_of_it(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.add("direct_url.json", "{}")
    environment.add("uv_cache.json", "{}")
    environment.record("acme/__pycache__/__init__.cpython-313.pyc,,\n\n")
    assert environment.find() is not None


def test_an_altered_file_makes_it_another_one(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    (environment.site / "acme" / "__init__.py").write_text("import os\n")
    assert environment.find() is None


def test_another_mode_makes_it_another_one(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    (environment.site / "acme" / "__init__.py").chmod(0o755)
    assert environment.find() is None


def test_a_file_of_an_unknown_installer_makes_it_another_one(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.add("other.json", "{}")
    assert environment.find() is None


def test_a_missing_file_makes_it_useless(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    (environment.site / "acme" / "__init__.py").unlink()
    assert environment.find() is None
    [distribution] = distributions(path=[str(environment.site)])
    with pytest.raises(UnusableWheelError, match=r"^it has no acme/__init__\.py$"):
        InstalledWheel(distribution)


def test_it_needs_the_list_of_its_files(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    (environment.info / "RECORD").unlink()
    assert environment.find() is None


def test_another_version_is_not_used(tmp_path: Path) -> None:
    assert Environment(tmp_path).find("1.1") is None


def test_without_digests_nothing_is_used(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    assert find_beside("acme", "1.0", {}, path=[str(environment.site)]) is None


def test_the_environment_of_layerwright_is_the_default() -> None:
    assert find_beside("acme-that-is-not-installed", "1.0", {"sha256:0": "sha256:0"}) is None


def test_the_wheel_is_recognised_by_its_files(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    assert environment.recognise() == "sha256:0"
    (environment.site / "acme" / "__init__.py").write_text("changed = True\n")
    assert environment.recognise() == ""


def test_a_script_with_another_version_of_python_in_its_name_is_generated_too(tmp_path: Path) -> None:
    other = "3.9"
    environment = Environment(tmp_path, wheel("acme", "1.0", entry_points={"pip": "acme:main"}).data, other)
    assert (environment.recognise(other), environment.recognise()) == ("sha256:0", "")
