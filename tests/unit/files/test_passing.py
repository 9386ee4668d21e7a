from __future__ import annotations

import stat
from pathlib import Path

import pytest

from layerwright.files.passing import passing_files, remove_passing_files


def left(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def test_temporary_files_are_for_their_owner_alone_and_gone_afterwards(tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    def build() -> None:
        with passing_files(report, {"PATH": "/bin"}) as environment:
            temporary = Path(environment["TMPDIR"])
            (temporary / "clone").write_text("https://me:secret@example.com")
            report.write_text("{}")
            assert environment["PATH"] == "/bin"
            assert stat.S_IMODE(temporary.stat().st_mode) == 0o700
            raise ValueError("failed")

    with pytest.raises(ValueError, match="failed"):
        build()
    assert left(tmp_path) == []


def test_what_a_killed_build_left_is_removed_and_a_planted_link_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (tmp_path / "temporary").symlink_to(elsewhere)
    (tmp_path / "report.json").write_text("{}")
    with passing_files(tmp_path / "report.json", {}) as environment:
        assert list(Path(environment["TMPDIR"]).iterdir()) == []
    assert left(tmp_path) == ["elsewhere"]
    assert left(elsewhere) == ["file"]
    remove_passing_files(tmp_path / "report.json")
    assert left(tmp_path) == ["elsewhere"]


def test_temporary_files_are_where_the_user_wants_them(tmp_path: Path) -> None:
    with passing_files(tmp_path / "report.json", {"TMPDIR": "/scratch"}) as environment:
        assert environment["TMPDIR"] == "/scratch"
