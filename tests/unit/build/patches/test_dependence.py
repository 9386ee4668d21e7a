from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.patches.dependence import bytecode_format, dependences
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

PURE = "py3-none-any"


def install(
    site_packages: Path,
    *,
    metadata: str = "",
    tag: str = PURE,
    direct_url: str = "",
    code: str = "pass",
    bytecode: str = "",
) -> None:
    """Install ``acme`` 1.0 with one module."""
    directory = site_packages / "Acme-1.0.dist-info"
    directory.mkdir(parents=True)
    (directory / "METADATA").write_text(f"Name: Acme\nVersion: 1.0\n{metadata}\nRequires-Python: ==3.13.9\n")
    (directory / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n")
    if direct_url:
        (directory / "direct_url.json").write_text(direct_url)
    (site_packages / "acme.py").write_text(code)
    (site_packages / "acme.pyc").write_text(bytecode)
    (directory / "RECORD").write_text("acme.py,,\nacme.pyc,,\ngone.py,,\nAcme-1.0.dist-info/RECORD,,\n")


def found(site_packages: Path, *, lock: str = "", archives: tuple[str, ...] = ()) -> dict[str, str]:
    return dependences(site_packages, "3.13.1", texts={"acme.lock": lock}, archives=archives)


def test_markers_and_bounds_of_the_applications_files_count_if_they_separate_patch_releases(
    tmp_path: Path,
) -> None:
    lock = "a; python_full_version < '3.13.2'\nb; python_full_version < '3.12.2'\nrequires-python = '>=3.13'"
    assert found(tmp_path, lock=lock) == {"acme.lock has python_full_version < 3.13.2": "<3.13.2"}


def test_metadata_of_distributions_counts_if_it_separates_patch_releases(tmp_path: Path) -> None:
    metadata = (
        "Requires-Python: >=3.13.1\nRequires-Dist: a ; python_full_version < '3.13.2'\n"
        "Requires-Dist: b ; python_version < '3.13.2'\n"
    )
    install(tmp_path, metadata=metadata)
    assert found(tmp_path) == {
        "acme 1.0 requires Python >=3.13.1": ">=3.13.1",
        "acme 1.0 has a requirement for python_full_version < 3.13.2": "<3.13.2",
    }


COMPILED = {"acme 1.0 was compiled here": ""}
BUILT = {"acme 1.0 was built here, and acme.py contains 3.13.1": ""}
MENTION = "BUILT_BY = '3.13.1'"


@pytest.mark.parametrize(
    ("tag", "archive", "direct_url", "expected"),
    [
        ("cp313-cp313-linux_x86_64", "acme-1.0.tar.gz", "", COMPILED),
        ("cp313-cp313-linux_x86_64", "", '{"url": "file:///app/acme", "dir_info": {}}', COMPILED),
        ("cp313-cp313-linux_x86_64", "", "", COMPILED),
        ("cp313-abi3-linux_x86_64", "acme-1.0-py3-none-any.whl", "", COMPILED),
        ("cp313-cp313-linux_x86_64", "acme-1.0-cp313-cp313-linux_x86_64.whl", "", {}),
        ("cp313-cp313-manylinux_2_28_x86_64", "", "", {}),
        ("cp313-cp313-musllinux_1_2_x86_64", "", "", {}),
        (PURE, "acme-1.0.zip", "", BUILT),
        (PURE, "", "", BUILT),
        (PURE, "acme-1.1-py3-none-any.whl", "", BUILT),
        (PURE, "acme-1.0-py3-none-any.whl", '{"url": "https://example.com/acme.git"}', BUILT),
        (PURE, "Acme-1.0-py2.py3-none-any.whl", "", {}),
        (PURE, "", '{"url": "file:///wheels/acme-1.0-py3-none-any.whl", "archive_info": {}}', {}),
    ],
)
def test_a_distribution_counts_if_it_was_built_here_and_may_contain_the_version(
    tmp_path: Path, tag: str, archive: str, direct_url: str, expected: dict[str, str]
) -> None:
    install(tmp_path, tag=tag, direct_url=direct_url, code=MENTION)
    assert found(tmp_path, archives=(archive,)) == expected
    if archive:
        assert found(tmp_path, lock=f'url = "https://example.com/{archive}"') == expected


@pytest.mark.parametrize("code", ["pass", "RELEASE = '3.13.10'", "RELEASE = '13.13.1.3.13.1'"])
def test_pure_python_that_was_built_here_without_the_version_does_not_count(
    tmp_path: Path, code: str
) -> None:
    install(tmp_path, code=code, bytecode="3.13.1")
    assert found(tmp_path, archives=("acme-1.0.tar.gz",)) == {}


def test_the_format_of_bytecode_is_that_of_the_interpreters_library(tmp_path: Path) -> None:
    interpreter = Interpreter(version="3.13.1", prefix=tmp_path)
    assert bytecode_format(interpreter) == ""
    cache = tmp_path / "lib" / "python3.13" / "__pycache__"
    cache.mkdir(parents=True)
    (cache / "os.cpython-313.pyc").write_bytes(b"\xf3\r\r\n rest")
    assert bytecode_format(interpreter) == "3571"
