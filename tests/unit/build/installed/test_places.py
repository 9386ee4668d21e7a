"""Files that a platform, a launcher, a shell or an interpreter acts on are refused; ordinary ones are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.places import meaning, refuse_misplaced_files
from layerwright.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def install(root: Path, name: str, *paths: str) -> None:
    """Install a distribution with files at *paths*, relative to *root*, as an installer records them."""
    site_packages = root / "lib" / "python3.13" / "site-packages"
    metadata = site_packages / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    rows = [f"{name}/__init__.py,,", *(f"../../../{path},," for path in paths)]
    (metadata / "RECORD").write_text("".join(f"{row}\n" for row in rows))


def refused(layer: Path) -> UserError:
    with pytest.raises(UserError) as raised:
        refuse_misplaced_files(layer)
    assert raised.value.reference == "misplaced-file"
    return raised.value


@pytest.mark.parametrize(
    "path",
    [
        "exec.d/steal",
        "exec.d/web/steal",
        "profile.d/steal.sh",
        "env/PATH.override",
        "env.build/PIP_INDEX_URL.override",
        "env.launch/web/PATH.override",
        "pkgconfig/openssl.pc",
        "pyvenv.cfg",
        "resolved.json",
        "archives.json",
        "bin/sh",
        "bin/env",
        "bin/python",
        "bin/python3.13",
        "bin/python3.14t",
        "bin/𝜋thon",
        "bin/activate",
        "bin/activate.fish",
        "bin/Activate.ps1",
        "bin/pyvenv.cfg",
        "bin/pybuilddir.txt",
        "bin/python3._pth",
        "lib/libssl.so.3",
        "lib/libc.so.6",
        "lib/ld-linux-x86-64.so.2",
        "lib/libpython3.13.so.1.0",
        "lib/libz.so",
        "lib/glibc-hwcaps/x86-64-v3/libcrypto.so.3",
        "lib64/libm.so.6",
        "include/stdio.h",
        "include/Python.h",
    ],
)
def test_what_others_act_on_is_refused_with_the_name_of_the_distribution(tmp_path: Path, path: str) -> None:
    install(tmp_path, "fine", "bin/fine")
    install(tmp_path, "evil", path)
    error = refused(tmp_path)
    assert error.summary == "evil 1.0 would affect more than the application."
    assert error.cause == f"{path}, of evil 1.0: {meaning(path)}."


@pytest.mark.parametrize(
    "path",
    [
        "bin/flask",
        "bin/pip",
        "bin/python-argcomplete-check-easy-install-script",
        "bin/activate-global-python-argcomplete",
        "bin/cmake",
        "share/man/man1/flask.1",
        "share/env/sh",
        "etc/jupyter/jupyter_notebook_config.d/bin/sh",
        "include/site/python3.13/greenlet/greenlet.h",
        "include/mkl.h",
        "include/tbb/time.h",
        "lib/libmkl_core.so.2",
        "lib/libiomp5.so",
        "lib/libtbb.so.12",
        "lib/cmake/tbb/TBBConfig.cmake",
        "lib/python3/dist-packages/libc.so.6",
        "man/man1/sh",
        "LICENSE",
    ],
)
def test_ordinary_files_are_not_refused(tmp_path: Path, path: str) -> None:
    install(tmp_path, "fine", path)
    refuse_misplaced_files(tmp_path)
    assert meaning(path) == ""


def test_every_file_is_named_with_its_distribution(tmp_path: Path) -> None:
    install(tmp_path, "evil", "exec.d/one", "profile.d/two")
    install(tmp_path, "worse", "env/A")
    error = refused(tmp_path)
    assert error.summary.startswith("evil 1.0 and worse 1.0 would affect")
    assert [line.partition(":")[0] for line in error.cause.splitlines()] == [
        "env/A, of worse 1.0",
        "exec.d/one, of evil 1.0",
        "profile.d/two, of evil 1.0",
    ]


def test_a_path_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    install(tmp_path, "evil", "share/../exec.d/steal")
    assert refused(tmp_path).cause.startswith("exec.d/steal, of evil 1.0: ")
    install(tmp_path / "other", "fine")
    record = tmp_path / "other/lib/python3.13/site-packages/fine-1.0.dist-info/RECORD"
    record.write_text(f'"{tmp_path}/other/bin/sh",,\n')
    assert refused(tmp_path / "other").cause.startswith("bin/sh, of fine 1.0: ")
    install(tmp_path / "third", "fine", "lib/python3.13/site-packages/exec.d/run")
    refuse_misplaced_files(tmp_path / "third")


def test_what_has_no_record_is_refused_at_the_root(tmp_path: Path) -> None:
    layer = tmp_path / "tool-acme"
    (layer / "exec.d").mkdir(parents=True)
    (layer / "env").mkdir()
    error = refused(layer)
    assert (
        error.summary == "What was installed into the layer tool-acme would affect more than the application."
    )
    assert error.cause == "exec.d: a launcher runs it before every process."


def test_the_virtual_environment_of_a_tool_is_looked_at_as_well(tmp_path: Path) -> None:
    install(tmp_path / "venv", "evil", "bin/python")
    assert refused(tmp_path).cause == "venv/bin/python, of evil 1.0: the virtual environment has its own."
