from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.ownership import Ownership, look, shared_words, stamps, why_not_fresh
from layerwright.files.trees.tree import tree_of

if TYPE_CHECKING:
    from pathlib import Path


class Venv:
    """A virtual environment in which distributions are what their records say."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.site_packages = path / "lib" / "python3.13" / "site-packages"
        self.site_packages.mkdir(parents=True)

    def write(self, *names: str, content: str = "") -> None:
        for name in names:
            file = self.site_packages / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    def install(self, name: str, *rows: str) -> None:
        self.write(f"{name}.dist-info/RECORD", content="".join(f"{row}\n" for row in rows))

    def look(self) -> Ownership:
        return look(tree_of(self.path), self.site_packages)


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(tmp_path / "venv")


def test_an_empty_environment_has_nothing_to_account_for(venv: Venv) -> None:
    assert venv.look() == Ownership()


def test_what_every_environment_has_belongs_to_none_and_counts_for_none(venv: Venv) -> None:
    (venv.path / "lib64").symlink_to("lib")
    for name in (
        *("pyvenv.cfg", ".gitignore", "CACHEDIR.TAG", ".lock", "resolved.json", "archives.json"),
        *("env/VIRTUAL_ENV.override", "env.launch/X", "bin/python", "bin/python3.13t", "bin/𝜋thon"),
        *("bin/activate", "bin/activate.fish", "bin/activate_this.py", "bin/Activate.ps1"),
    ):
        (venv.path / name).parent.mkdir(exist_ok=True)
        (venv.path / name).touch()
    (venv.path / "include" / "python3.13").mkdir(parents=True)
    assert venv.look() == Ownership()


def test_files_that_no_record_lists_are_reported(venv: Venv) -> None:
    venv.install(
        "a-1",
        "a/x.py,sha256=1,1",
        "./a/y.py,,",
        "../../../bin/tool,,",
        "../../../lib64/python3.13/site-packages/z.py,,",
    )
    (venv.path / "lib64").symlink_to("lib")
    venv.write(
        "a/x.py",
        "a/y.py",
        "a/data.bin",
        "z.py",
        "../../../bin/tool",
        "../../../bin/other",
        "../../../src/b.py",
    )
    # Installers may list only some files of a distribution's own directory.
    venv.write("a-1.dist-info/INSTALLER", "b-1.dist-info/METADATA")
    # Core sees to bytecode.
    venv.write("a/__pycache__/x.pyc", "a/__pycache__/gone.pyc")
    inside = "lib/python3.13/site-packages"
    assert venv.look() == Ownership(
        unrecorded=("bin/other", f"{inside}/a/data.bin", f"{inside}/b-1.dist-info/METADATA", "src/b.py")
    )


def test_a_record_may_list_what_lies_elsewhere_and_what_a_link_leads_to(venv: Venv, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.touch()
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x.py").touch()
    (venv.site_packages / "linked").symlink_to(tmp_path / "real")
    venv.install("a-1", f"{outside},,", "linked/x.py,,", "linked,,", "broken,,", "__pycache__/a.pyc,,", "")
    (venv.site_packages / "broken").symlink_to("absent")
    assert venv.look() == Ownership()


def test_files_that_are_missing_are_reported_by_owner(venv: Venv) -> None:
    venv.install("a-1", *(f"{n}.py,sha256={n},1" for n in range(5)), '"x,y.py",,')
    venv.install("b-1", "0.py,sha256=0,1", "there.py,,", "1.py,sha256=other,1")
    venv.write("there.py", "x,y.py")
    inside = "lib/python3.13/site-packages"
    found = venv.look()
    assert found.lacking == (
        f"a-1 lacks {inside}/0.py, {inside}/1.py, {inside}/2.py and 2 more",
        f"b-1 lacks {inside}/0.py, {inside}/1.py",
    )


def test_files_of_two_distributions_are_reported_where_their_contents_differ(venv: Venv) -> None:
    venv.install(
        "a-1", "same.py,sha256=1,1", "other.py,sha256=1,1", "unknown.py,,", "twice.py,,", "twice.py,,"
    )
    venv.install("b-1", "same.py,sha256=1,1", "other.py,sha256=2,1", "unknown.py,,")
    venv.write("same.py", "other.py", "unknown.py", "twice.py")
    inside = "lib/python3.13/site-packages"
    assert venv.look() == Ownership(
        shared=(
            (f"{inside}/other.py", "a-1.dist-info", "b-1.dist-info"),
            (f"{inside}/unknown.py", "a-1.dist-info", "b-1.dist-info"),
        )
    )


def test_what_lies_beside_the_source_is_reported_unless_a_distribution_brings_it(venv: Venv) -> None:
    venv.install("a-1", "a/.git/config,,", "b/.git,,")
    venv.write(
        "a/.git/config",
        "b/.git",
        "c/.git/config",
        "d/.hg",
        "e/.svn/entries",
        "f/.bzr/x",
        "g/.layerwright-build/x",
    )
    inside = "lib/python3.13/site-packages"
    found = venv.look()
    assert sorted(found.beside_the_source) == [
        f"{inside}/c/.git",
        f"{inside}/d/.hg",
        f"{inside}/e/.svn",
        f"{inside}/f/.bzr",
        f"{inside}/g/.layerwright-build",
    ]
    assert (found.lacking, found.unrecorded) == ((), ())


def test_empty_directories_are_reported_the_inner_ones_first(venv: Venv) -> None:
    (venv.path / "share" / "man" / "man1").mkdir(parents=True)
    (venv.site_packages / "a" / "__pycache__").mkdir(parents=True)
    assert sorted(venv.look().empty) == [
        "lib/python3.13/site-packages/a",
        "share",
        "share/man",
        "share/man/man1",
    ]
    found = venv.look().empty
    assert found.index("share/man/man1") < found.index("share/man") < found.index("share")


# What an update can be proved to be

SHARED = Ownership(shared=(("x.py", "a-1.dist-info", "b-1.dist-info"),))
SAME = {"a-1.dist-info": (1, 1, 1), "b-1.dist-info": (2, 2, 2)}


@pytest.mark.parametrize("changed", [{"a-1.dist-info": (9, 1, 1)}, {"b-1.dist-info": (2, 9, 2)}])
def test_a_shared_file_counts_where_one_of_its_owners_was_installed_again(
    changed: dict[str, tuple[int, int, int]],
) -> None:
    assert why_not_fresh(SHARED, SAME, {**SAME, **changed}) == "a-1 and b-1 both have x.py"
    assert why_not_fresh(SHARED, SAME, {**SAME, "c-1.dist-info": (3, 3, 3)}) == ""


def test_shared_files_are_reported_by_their_owners() -> None:
    files = (("x", "a-1.dist-info", "b-1.dist-info"), ("y", "a-1.dist-info", "c-1.dist-info"))
    more = tuple((name, "a-1.dist-info", "b-1.dist-info") for name in "pqrs")
    assert shared_words(Ownership(shared=(*files, *more))) == (
        "a-1 and b-1 both have x, p, q and 2 more",
        "a-1 and c-1 both have y",
    )
    assert shared_words(Ownership()) == ()


def test_what_no_distribution_lists_always_counts() -> None:
    assert why_not_fresh(Ownership(), {}, {}) == ""
    assert why_not_fresh(Ownership(empty=("share",)), {}, {}) == ""
    assert why_not_fresh(Ownership(unrecorded=("a", "b")), {}, {}) == "no distribution lists a, b"
    assert why_not_fresh(Ownership(beside_the_source=(".git",)), {}, {}) == "no distribution lists .git"


def test_a_distribution_that_is_installed_again_has_another_stamp(venv: Venv) -> None:
    venv.install("a-1", "a.py,,")
    venv.install("b-1")
    before = stamps(venv.site_packages)
    assert before.keys() == {"a-1.dist-info", "b-1.dist-info"}
    record = venv.site_packages / "a-1.dist-info" / "RECORD"
    record.rename(record.with_name("old"))
    venv.install("a-1", "a.py,,")
    after = stamps(venv.site_packages)
    assert [name for name in after if after[name] != before[name]] == ["a-1.dist-info"]
