from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.cnb import toml

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_reads_back_as_it_was(tmp_path: Path) -> None:
    document = {"metadata": {"words": 'a "quoted"\nsecond line \\ é', "table": {"key with spaces": ""}}}

    (tmp_path / "a.toml").write_text(toml.dumps(document))

    assert toml.read(tmp_path / "a.toml") == document


def test_no_file_is_no_document(tmp_path: Path) -> None:
    assert toml.read(tmp_path / "absent.toml") is None


@pytest.mark.parametrize(
    "content",
    [b"a = ", b"\xff", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000],
    ids=["cut off", "not UTF-8", "nested too deeply", "too large a number"],
)
def test_a_damaged_file_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(content)

    with pytest.raises(ValueError, match=r"."):
        toml.read(tmp_path / "a.toml")
