from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.installed.sources import Sources, bytecode_of, list_files, uncompiled
from layerwright.files.trees.tree import tree_of
from tests.unit.build.store.compiled import SUFFIX, install

if TYPE_CHECKING:
    from pathlib import Path


def compile_one(site_packages: Path, source: str) -> Path:
    path = site_packages / bytecode_of(source, SUFFIX)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"compiled")
    return path


def found(site_packages: Path) -> list[Sources]:
    return list(uncompiled(list_files(tree_of(site_packages)), site_packages, SUFFIX))


def test_bytecode_is_beside_its_source() -> None:
    assert bytecode_of("acme.py", SUFFIX) == "__pycache__/acme.cpython-313.pyc"
    assert bytecode_of("acme/of/a.b.py", SUFFIX) == "acme/of/__pycache__/a.b.cpython-313.pyc"


def test_sources_are_found_by_distribution(tmp_path: Path) -> None:
    install(tmp_path, "bravo", "bravo.py", "bravo.txt")
    install(tmp_path, "acme", "acme/of/b.py", "acme/__init__.py", "acme/module.pyi")
    assert found(tmp_path) == [
        Sources("acme 1.0", ("acme/__init__.py", "acme/of/b.py")),
        Sources("bravo 1.0", ("bravo.py",)),
    ]


def test_a_distribution_with_bytecode_is_left_out_even_if_some_is_missing(tmp_path: Path) -> None:
    """It may be from the wheel, which can contain anything."""
    install(tmp_path, "acme", "acme/__init__.py", "acme/b.py")
    install(tmp_path, "bravo", "bravo.py")
    compile_one(tmp_path, "acme/b.py")
    assert [one.label for one in found(tmp_path)] == ["bravo 1.0"]
    compile_one(tmp_path, "bravo.py")
    assert found(tmp_path) == []
    compile_one(tmp_path, "acme/__init__.py")
    assert found(tmp_path) == []


def test_a_record_may_name_what_is_not_there_or_elsewhere(tmp_path: Path) -> None:
    site_packages = tmp_path / "lib" / "site-packages"
    install(
        site_packages, "acme", "acme.py", recorded="gone.py,,\n../../bin/a.py,,\n/etc/b.py,,\nodd\n\n,,\n"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "a.py").touch()
    assert found(site_packages) == [Sources("acme 1.0", ("acme.py",))]


def test_of_two_distributions_with_the_same_file_one_has_it(tmp_path: Path) -> None:
    install(tmp_path, "acme", "both/__init__.py", "both/a.py")
    install(tmp_path, "bravo", "both/__init__.py", "both/b.py")
    assert [one.label for one in found(tmp_path)] == ["acme 1.0"]


def test_what_is_no_file_is_no_source(tmp_path: Path) -> None:
    install(tmp_path, "acme", "acme.py", recorded="pipe.py,,\n")
    os.mkfifo(tmp_path / "pipe.py")
    assert found(tmp_path) == [Sources("acme 1.0", ("acme.py",))]


def test_links_are_not_followed(tmp_path: Path) -> None:
    install(tmp_path, "acme", "acme/__init__.py", recorded="link.py,,\nfolder/module.py,,\nbravo/a.py,,\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "acme" / "__init__.py")
    elsewhere = tmp_path.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "module.py").touch()
    (tmp_path / "folder").symlink_to(elsewhere)
    (tmp_path / "bravo").mkdir()
    (tmp_path / "bravo" / "a.py").touch()
    # Bytecode would be read and written elsewhere.
    (tmp_path / "bravo" / "__pycache__").symlink_to(elsewhere)
    assert found(tmp_path) == [Sources("acme 1.0", ("acme/__init__.py",))]


@pytest.mark.parametrize(
    ("direct_url", "is_found"),
    [
        (None, True),
        ({"url": "https://example.com/acme.whl", "archive_info": {}}, True),
        ({"url": "https://example.com/acme", "vcs_info": {"commit_id": "0"}}, True),
        ({"url": "file:///app", "dir_info": {}}, False),
        ("not JSON", False),
        ([], False),
    ],
)
def test_what_is_built_from_a_local_directory_is_left_out(
    tmp_path: Path, direct_url: Any, is_found: bool
) -> None:
    install(tmp_path, "acme", "acme.py", direct_url=direct_url)
    assert bool(found(tmp_path)) == is_found
