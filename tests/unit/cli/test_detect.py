from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_is_no_python_at_all_is_no_error_and_applies_to_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "bun.lock").write_text("{}")
    assert main(["detect", str(tmp_path)]) == 100
    shown = capsys.readouterr()
    assert shown.out == f"Nothing in {tmp_path} looks like a Python application.\n"
    assert shown.err == ""


def test_the_settings_of_a_linter_are_an_application_of_no_package_manager(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert main(["detect", str(tmp_path)]) == 100
    assert "Error: No package manager claims this application.\n" in capsys.readouterr().err


def test_the_application_is_a_directory_that_the_option_chooses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "requirements.txt").touch()
    assert main(["detect", str(tmp_path), "--app", "api"]) == 0
    assert capsys.readouterr().out == (
        "Application directory: api, because --app names it\npip, because requirements.txt exists\n"
    )
