from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.files.project import Project
from layerwright.files.version_control import state_of, version_is_elsewhere

if TYPE_CHECKING:
    from pathlib import Path


class Repository:
    """A repository that git itself made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet")
        self.write("a.py")
        self.commit()

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
        ran = subprocess.run(
            ["git", *who, *arguments],
            cwd=self.path,
            check=True,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin:/bin"},
        )
        return ran.stdout.strip()

    def write(self, *names: str) -> None:
        for name in names:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(name)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")

    @property
    def state(self) -> bytes:
        return state_of(self.path)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    if shutil.which("git", path="/usr/bin:/bin") is None:
        pytest.skip("git is not there")
    return Repository(tmp_path / "repository")


def test_without_version_control_there_is_no_state(tmp_path: Path) -> None:
    assert state_of(tmp_path) == b""


def test_the_state_is_that_of_the_repository_above(repository: Repository) -> None:
    repository.write("lib/src/x.py")
    assert state_of(repository.path / "lib" / "src") == repository.state != b""


def test_a_commit_a_tag_and_a_tracked_file_change_the_state(repository: Repository) -> None:
    seen = [repository.state]
    for change in (
        lambda: repository.git("commit", "--quiet", "--allow-empty", "--message=y"),
        lambda: repository.git("tag", "v1"),
        lambda: repository.git("tag", "--annotate", "group/v2", "--message=z"),
        lambda: (repository.write("b.py"), repository.git("add", "b.py")),
        lambda: repository.git("update-index", "--chmod=+x", "b.py"),
        lambda: repository.git("tag", "--delete", "v1"),
    ):
        change()
        assert repository.state not in seen
        seen.append(repository.state)


def test_what_git_does_for_itself_changes_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.write(*("n" * length for length in range(1, 20)))
    repository.commit()
    repository.git("tag", "--annotate", "v1", "--message=z")
    before = repository.state
    (repository.path / "a.py").write_text("other")
    repository.git("status")
    repository.git("pack-refs", "--all")
    repository.git("gc", "--quiet")
    assert repository.state == before
    # Git asks for the extended form of an entry where it must be skipped.
    repository.git("checkout", "--quiet", "--", "a.py")
    repository.git("update-index", "--skip-worktree", "a.py")
    assert repository.state == before
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", str(repository.path), str(clone))
    assert state_of(clone) == before


def test_a_worktree_and_a_repository_in_another_one_have_a_state(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("tag", "v1")
    repository.git("worktree", "add", "--quiet", str(tmp_path / "worktree"))
    assert state_of(tmp_path / "worktree") == repository.state
    repository.git("tag", "v2")
    assert state_of(tmp_path / "worktree") == repository.state
    outer = Repository(tmp_path / "outer")
    outer.git("submodule", "add", "--quiet", str(repository.path), "inner")
    assert state_of(tmp_path / "outer" / "inner") == repository.state != outer.state


def test_a_commit_without_a_branch_counts(repository: Repository) -> None:
    on_branch = repository.state
    repository.git("checkout", "--quiet", "--detach")
    assert repository.state == on_branch
    repository.commit()
    assert repository.state != on_branch


@pytest.mark.parametrize(
    "index", [b"", b"DIRC", b"DIRC\0\0\0\4\0\0\0\0", b"DIRC\0\0\0\2\0\0\0\1", b"other" * 9]
)
def test_an_index_of_another_form_counts_as_a_whole(repository: Repository, index: bytes) -> None:
    (repository.path / ".git" / "index").write_bytes(index)
    before = repository.state
    (repository.path / ".git" / "index").write_bytes(index + b"x" * 80)
    assert repository.state != before


def test_a_damaged_repository_has_a_state_all_the_same(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/none\n")
    assert state_of(tmp_path) != b""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".git").write_text("gitdir: ../absent\n")
    assert state_of(tmp_path / "a") != b""


def test_mercurials_parent_and_tags_count(tmp_path: Path) -> None:
    (tmp_path / ".hg").mkdir()
    (tmp_path / ".hg" / "dirstate").write_bytes(b"p" * 40 + b"times")
    before = state_of(tmp_path)
    (tmp_path / ".hg" / "dirstate").write_bytes(b"p" * 40 + b"other times")
    assert state_of(tmp_path) == before
    (tmp_path / ".hgtags").write_text("c0ffee v1\n")
    tagged = state_of(tmp_path)
    (tmp_path / ".hg" / "dirstate").write_bytes(b"q" * 40)
    assert len({before, tagged, state_of(tmp_path)}) == 3


# Whether it counts

SETUPTOOLS = {"build-backend": "setuptools.build_meta", "requires": ["setuptools>=80"]}


@pytest.mark.parametrize(
    ("pyproject", "elsewhere"),
    [
        ({}, True),
        ({"build-system": SETUPTOOLS, "project": {"version": "1"}}, False),
        (
            {
                "build-system": {**SETUPTOOLS, "requires": ["setuptools-scm[toml]>=8"]},
                "project": {"version": "1"},
            },
            True,
        ),
        ({"build-system": SETUPTOOLS, "project": {"dynamic": ["version"]}}, True),
        (
            {
                "build-system": SETUPTOOLS,
                "project": {"dynamic": ["version"]},
                "tool": {"setuptools": {"dynamic": {"version": {"attr": "a.__version__"}}}},
            },
            False,
        ),
        (
            {"build-system": {"build-backend": "hatchling.build", "requires": ["hatchling", "hatch-vcs"]}},
            True,
        ),
        ({"build-system": {"build-backend": "hatchling.build"}}, True),
        (
            {
                "build-system": {"build-backend": "hatchling.build"},
                "tool": {"hatch": {"version": {"path": "a.py"}}},
            },
            False,
        ),
        (
            {
                "build-system": {"build-backend": "pdm.backend"},
                "tool": {"pdm": {"version": {"source": "scm"}}},
            },
            True,
        ),
        (
            {
                "build-system": {"build-backend": "pdm.backend"},
                "tool": {"pdm": {"version": {"source": "file"}}},
            },
            False,
        ),
        (
            {"build-system": {"build-backend": "flit_core.buildapi"}, "project": {"dynamic": ["version"]}},
            False,
        ),
        ({"build-system": {"build-backend": "acme.build"}, "project": {"dynamic": ["version"]}}, True),
        (
            {
                "build-system": {"build-backend": "poetry.core.masonry.api"},
                "tool": {"poetry": {"version": "1"}},
            },
            False,
        ),
        (
            {
                "build-system": {"requires": ["poetry-core", "poetry-dynamic-versioning>=1"]},
                "tool": {"poetry": {"version": "0.0.0"}},
            },
            True,
        ),
        ({"build-system": "setuptools", "project": [], "tool": 1}, True),
    ],
)
def test_a_version_may_be_elsewhere_unless_it_is_known_to_be_in_files(
    pyproject: dict[str, Any], elsewhere: bool
) -> None:
    assert version_is_elsewhere(pyproject, has_setup=False) is elsewhere


def test_a_setup_script_may_look_anywhere_for_a_version_that_is_not_declared() -> None:
    attribute = {"setuptools": {"dynamic": {"version": {"attr": "a.__version__"}}}}
    assert version_is_elsewhere({"build-system": SETUPTOOLS, "tool": attribute}, has_setup=True)
    assert not version_is_elsewhere({"build-system": SETUPTOOLS, "project": {"version": "1"}}, has_setup=True)


@pytest.mark.parametrize(
    ("files", "counts"),
    [
        ({"pyproject.toml": '[project]\nversion = "1"\n'}, False),
        ({"pyproject.toml": '[project]\ndynamic = ["version"]\n'}, True),
        ({"pyproject.toml": "not TOML"}, True),
        ({"setup.py": ""}, True),
        ({"data.txt": ""}, False),
    ],
)
def test_the_digest_of_a_directory_has_what_its_version_may_be_made_from(
    repository: Repository, files: dict[str, str], counts: bool
) -> None:
    lib = repository.path / "lib"
    lib.mkdir()
    for name, content in files.items():
        (lib / name).write_text(content)
    before = Project(repository.path).digest("lib")
    repository.git("tag", "v1")
    assert (Project(repository.path).digest("lib") != before) is counts
    assert Project(repository.path).version_control("lib") == repository.state.hex()


@pytest.mark.parametrize(
    "table",
    [
        '[tool.setuptools_scm]\nversion_file = "src/lib/_version.py"',
        '[tool.setuptools_scm]\nwrite_to = "./src/lib/_version.py"',
        '[tool.hatch.build.hooks.vcs]\nversion-file = "src/lib/_version.py"',
    ],
)
def test_a_file_that_a_build_writes_the_version_into_does_not_make_the_next_build_another_one(
    tmp_path: Path, table: str
) -> None:
    (tmp_path / "src" / "lib").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(f'[project]\ndynamic = ["version"]\n{table}\n')
    before = Project(tmp_path).digest(".")
    (tmp_path / "src" / "lib" / "_version.py").write_text("version = '1'\n")
    assert Project(tmp_path).digest(".") == before
    (tmp_path / "src" / "lib" / "other.py").write_text("version = '1'\n")
    assert Project(tmp_path).digest(".") != before


def test_a_file_of_that_name_counts_where_no_build_writes_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nversion = "1"\n[tool.setuptools_scm]\nversion_file = "_version.py"\n'
    )
    before = Project(tmp_path).digest(".")
    (tmp_path / "_version.py").write_text("version = '1'\n")
    assert Project(tmp_path).digest(".") != before
