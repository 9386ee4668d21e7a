from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from layerwright.buildpack import Buildpack
from layerwright.buildpack.package.source import READY_MADE, copy_source, describe, load_buildpack
from layerwright.cnb.target import Target
from layerwright.errors import UserError
from tests.unit.buildpack.package.samples import buildpack_source

ROOT = Path(__file__).parents[4]
LINUX = Target(os="linux", arch="amd64")


def test_the_ready_made_buildpack_has_the_standard_plugins_which_are_all_of_ours() -> None:
    buildpack = load_buildpack(READY_MADE)
    core = tomllib.loads((ROOT / "core" / "pyproject.toml").read_text())["project"]
    standard = [re.split(r"[<>=]", line)[0] for line in core["optional-dependencies"]["standard"]]
    ours = [tomllib.loads(path.read_text())["project"] for path in ROOT.glob("plugins/*/pyproject.toml")]
    assert sorted(buildpack.plugins) == sorted(one["name"] for one in ours)
    # Both have the tools as well, where they are small.
    assert sorted(standard) == sorted([*buildpack.plugins, *buildpack.tools])
    assert describe(buildpack, READY_MADE, LINUX).clear_env


def test_a_source_says_what_its_buildpack_is(tmp_path: Path) -> None:
    assert load_buildpack(buildpack_source(tmp_path / "source")).id == "acme/python"


@pytest.mark.parametrize(("make", "cause"), [(True, "It has no buildpack.py."), (False, "does not exist")])
def test_what_is_not_a_source_is_recognized(tmp_path: Path, make: bool, cause: str) -> None:
    path = tmp_path / "source"
    if make:
        path.mkdir()
    with pytest.raises(UserError) as raised:
        load_buildpack(path)
    assert raised.value.reference == "no-buildpack-source"
    assert cause in raised.value.cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("\nraise ValueError('no')", "ValueError: no (line 2)"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("def", "SyntaxError"),
        ("buildpack = 1", "not a Buildpack: int"),
        ("pass", "not a Buildpack: NoneType"),
    ],
)
def test_a_source_that_makes_no_buildpack_is_reported_with_its_reason(
    tmp_path: Path, text: str, cause: str
) -> None:
    with pytest.raises(UserError) as raised:
        load_buildpack(buildpack_source(tmp_path / "source", text))
    assert raised.value.reference == "bad-buildpack-source"
    assert cause in raised.value.cause


def test_a_module_beside_it_is_not_imported_and_that_is_said(tmp_path: Path) -> None:
    source = buildpack_source(tmp_path / "source", "import acme_hooks_beside")
    (source / "acme_hooks_beside.py").touch()
    with pytest.raises(UserError) as raised:
        load_buildpack(source)
    assert "acme_hooks_beside.py" in raised.value.remedy[0]


def test_a_module_that_is_nowhere_is_to_be_installed(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        load_buildpack(buildpack_source(tmp_path / "source", "import acme_nowhere"))
    assert "--plugin" in raised.value.remedy[0]


def test_an_identifier_or_version_that_no_platform_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        describe(Buildpack(id="config", version="1.0"), tmp_path, LINUX)
    assert "buildpack.id" in raised.value.cause
    assert "buildpack.version" in raised.value.cause


def test_everything_but_what_is_hidden_or_made_from_it_is_copied(tmp_path: Path) -> None:
    source = buildpack_source(tmp_path / "source")
    for name in (".git/config", "__pycache__/x.pyc", "old.cnb", "made/x", "data/more/x", "README.md"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    (source / "linked").symlink_to("README.md")
    (tmp_path / "copy").mkdir()

    copy_source(source, tmp_path / "copy", without=[source / "made"])

    copied = sorted(
        str(p.relative_to(tmp_path / "copy")) for p in (tmp_path / "copy").rglob("*") if p.is_file()
    )
    assert copied == ["README.md", "buildpack.py", "data/more/x", "linked"]
    assert not (tmp_path / "copy" / "linked").is_symlink()


def test_a_source_in_the_way_of_what_is_written_is_refused(tmp_path: Path) -> None:
    source = buildpack_source(tmp_path / "source")
    (source / "bin").mkdir()
    (source / "buildpack.toml").touch()
    with pytest.raises(UserError) as raised:
        copy_source(source, tmp_path)
    assert "bin, buildpack.toml" in raised.value.summary
