from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


MIRROR = "https://me:p4ss-word@example.com/t0ken-here/pythons?sig=s1gned-by-me"
SECRETS = ("p4ss-word", "t0ken-here", "s1gned-by-me")


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_the_configuration_is_shown_without_secrets_and_in_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "layerwright.toml").write_text(f'[python]\nmirror = "{MIRROR}"\n')
    assert main(["config", str(tmp_path)]) == 0
    monkeypatch.setenv("LAYERWRIGHT_PYTHON_MIRROR", MIRROR.replace("p4ss-word", "0ther-word"))
    assert main(["config", str(tmp_path)]) == 0

    shown = capsys.readouterr().out
    assert "0ther-word" not in shown
    assert found_in(shown) == []
    [from_file, from_variable] = [line for line in shown.splitlines() if "python.mirror" in line]
    assert "https://****@example.com/****/pythons?sig=****  layerwright.toml: python.mirror" in from_file
    assert from_variable.endswith("?sig=****  LAYERWRIGHT_PYTHON_MIRROR")


def test_what_is_set_is_told_without_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "set", "--app", str(tmp_path), "python.mirror", MIRROR]) == 0
    assert MIRROR in (tmp_path / "layerwright.toml").read_text()
    assert found_in(capsys.readouterr().out) == []


def test_a_wrong_value_is_quoted_without_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "layerwright.toml").write_text(f'[python]\nversion = "{MIRROR}"\nmirror = ["{MIRROR}"]\n')
    assert main(["config", str(tmp_path)]) == 1
    shown = capsys.readouterr().err
    assert "The configuration has" in shown
    assert found_in(shown) == []


def test_misuse_is_quoted_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["config", "set", "python.mirror", MIRROR, MIRROR])
    shown = capsys.readouterr().err
    assert "unrecognized arguments: https://****@example.com" in shown
    assert found_in(shown) == []
