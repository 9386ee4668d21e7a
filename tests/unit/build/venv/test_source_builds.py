from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING

from layerwright.build.venv._source_builds import kept_clean

if TYPE_CHECKING:
    from pathlib import Path


def test_setuptools_builds_elsewhere_whatever_the_directory_is_called(tmp_path: Path) -> None:
    scratch = tmp_path / "50%(x)s" / "build"
    with kept_clean([], scratch, {}) as variables:
        parser = ConfigParser()
        assert parser.read(variables["DIST_EXTRA_CONFIG"])
        assert parser.get("build", "build_base") == ".layerwright-build"
        assert parser.get("egg_info", "egg_base") == str(scratch / "metadata")
        # setuptools refuses one that is not there.
        assert (scratch / "metadata").is_dir()
    assert not scratch.exists()


def test_a_file_of_the_users_own_is_not_taken_away(tmp_path: Path) -> None:
    with kept_clean([], tmp_path / "build", {"DIST_EXTRA_CONFIG": "/etc/own.cfg"}) as variables:
        assert variables == {}


def test_cargo_builds_elsewhere_in_a_directory_that_has_something_for_it(tmp_path: Path) -> None:
    (tmp_path / "rust").mkdir()
    (tmp_path / "rust" / "Cargo.toml").touch()
    for directories, environment, told in (
        ([tmp_path], {}, None),
        ([tmp_path, tmp_path / "rust"], {}, ".layerwright-build"),
        ([tmp_path / "rust"], {"CARGO_TARGET_DIR": "/own"}, None),
        ([tmp_path / "rust"], {"CARGO_BUILD_TARGET_DIR": "/own"}, None),
    ):
        with kept_clean(directories, tmp_path / "build", environment) as variables:
            assert variables.get("CARGO_TARGET_DIR") == told


def test_what_a_killed_build_left_is_removed_first(tmp_path: Path) -> None:
    lib, scratch = tmp_path / "lib", tmp_path / "build"
    for old in (lib / ".layerwright-build" / "lib" / "old.py", scratch / "metadata" / "old.egg-info"):
        old.parent.mkdir(parents=True)
        old.touch()
    with kept_clean([lib, tmp_path / "absent"], scratch, {}):
        assert list(lib.iterdir()) == []
        assert list((scratch / "metadata").iterdir()) == []


def test_what_is_called_like_it_and_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").touch()
    (tmp_path / ".layerwright-build").symlink_to("elsewhere")
    with kept_clean([tmp_path], tmp_path / "build", {}):
        pass
    assert (tmp_path / "elsewhere" / "file").exists()
    assert not (tmp_path / ".layerwright-build").is_symlink()
