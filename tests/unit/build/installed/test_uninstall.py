"""Distributions leave by their RECORD, and take nothing else with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwright.build.installed.uninstall import uninstall


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    return tmp_path / "venv"


def install(venv: Path, name: str, *files: str) -> Path:
    """Install *files*, relative to site-packages, as the distribution *name*; return site-packages."""
    site_packages = venv / "lib" / "python3.13" / "site-packages"
    metadata = f"{name}-1.0.dist-info"
    names = [*files, f"{metadata}/METADATA", f"{metadata}/RECORD"]
    for each in names:
        (site_packages / each).parent.mkdir(parents=True, exist_ok=True)
        (site_packages / each).touch()
    (site_packages / metadata / "RECORD").write_text("".join(f"{each},,\n" for each in names) + "\n")
    return site_packages


def left(venv: Path) -> list[str]:
    return sorted(str(path.relative_to(venv)) for path in venv.rglob("*"))


def test_files_scripts_and_bytecode_go_and_so_do_the_directories_that_held_them(venv: Path) -> None:
    site_packages = install(venv, "Acme_Tool", "acme/__init__.py", "acme/deep/data.txt", "../../../bin/acme")
    for bytecode in ("__init__.cpython-313.pyc", "__init__.cpython-313.opt-1.pyc"):
        (site_packages / "acme" / "__pycache__").mkdir(exist_ok=True)
        (site_packages / "acme" / "__pycache__" / bytecode).touch()
    uninstall(venv, site_packages, {"acme-tool"})
    assert left(venv) == []


def test_what_belongs_to_others_stays(venv: Path) -> None:
    site_packages = install(venv, "acme", "shared/acme.py", "acme.py")
    install(venv, "base", "shared/base.py", "base.py")
    for name in ("acme", "base"):
        (site_packages / "__pycache__").mkdir(exist_ok=True)
        (site_packages / "__pycache__" / f"{name}.cpython-313.pyc").touch()
    (site_packages / "stray.txt").touch()
    uninstall(venv, site_packages, {"acme"})
    names = {Path(name).name for name in left(venv) if (venv / name).is_file()}
    assert names == {"METADATA", "RECORD", "base.py", "base.cpython-313.pyc", "stray.txt"}


def test_what_lies_outside_of_the_virtual_environment_is_left_alone(venv: Path, tmp_path: Path) -> None:
    outside = [tmp_path / "precious.txt", tmp_path / "venv-too" / "precious.txt"]
    for file in outside:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    site_packages = install(venv, "acme", *map(str, outside), "../../../../precious.txt")
    uninstall(venv, site_packages, {"acme"})
    assert all(file.exists() for file in outside)
    assert left(venv) == []


def test_what_is_missing_already_is_not_missed(venv: Path) -> None:
    site_packages = install(venv, "acme", "acme.py")
    (site_packages / "acme.py").unlink()
    uninstall(venv, site_packages, {"acme", "unknown"})
    assert left(venv) == []


def test_a_link_out_of_the_virtual_environment_is_not_followed(venv: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep.txt").touch()
    site_packages = install(venv, "acme", "acme.py")
    (site_packages / "link").symlink_to(outside)
    record = site_packages / "acme-1.0.dist-info" / "RECORD"
    record.write_text(f"{record.read_text()}link/keep.txt,,\nacme-1.0.dist-info,,\n")
    uninstall(venv, site_packages, {"acme"})
    assert (outside / "keep.txt").exists()
    assert [path.name for path in site_packages.iterdir()] == ["link"]


def test_a_virtual_environment_can_be_reached_by_a_link(venv: Path, tmp_path: Path) -> None:
    install(venv, "acme", "acme.py")
    (tmp_path / "link").symlink_to(venv)
    uninstall(tmp_path / "link", tmp_path / "link" / "lib" / "python3.13" / "site-packages", {"acme"})
    assert left(venv) == []
