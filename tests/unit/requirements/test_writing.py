from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import wheel
from requirements.__main__ import main, write
from requirements.locks import LOCKS, Lock

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.loopback.index import PackageIndex

# Stands in for uv, which writes the file that it resolves to: the test says what that is.
UV = """\
#!/bin/sh
for argument; do
  case $argument in --output-file=*) cp "$RESOLVED" "${argument#*=}" ;; esac
done
"""


class Writing:
    """A lock for CPython 3.14 and newer, an index, and a uv that resolves to whatever a test says."""

    def __init__(self, root: Path, index: PackageIndex) -> None:
        self.resolved = root / "resolved.txt"
        self.index = index
        self.lock = Lock(file=root / "sample.txt", inputs=(root / "sample.in",), oldest="3.14")
        self.lock.inputs[0].write_text("# what for\nacme\n")

    def resolve(self, *releases: tuple[str, str]) -> str:
        text = "".join(f"{self.index.requirement(*release)}\n" for release in releases)
        self.resolved.write_text(text)
        return text


@pytest.fixture
def writing(tmp_path: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> Writing:
    index.add(
        wheel("acme", "1.0", requires=["base[fast]"]),
        wheel("base", "1.0", extras={"fast": ["extra>=2"]}),
        wheel("extra", "2.0"),
    )
    writing = Writing(tmp_path, index)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").write_text(UV)
    (tmp_path / "bin" / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("RESOLVED", str(writing.resolved))
    for name, value in index.pip_env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(LOCKS, "sample", writing.lock)
    return writing


@pytest.mark.integration
def test_a_lock_that_is_complete_is_written(writing: Writing) -> None:
    text = writing.resolve(("acme", "1.0"), ("base", "1.0"), ("extra", "2.0"))
    assert write(writing.lock) == []
    assert writing.lock.file.read_text() == text


@pytest.mark.integration
def test_a_lock_that_lacks_what_an_extra_needs_is_not_written(
    writing: Writing, capsys: pytest.CaptureFixture[str]
) -> None:
    writing.lock.file.write_text("the last one")
    writing.resolve(("acme", "1.0"), ("base", "1.0"))
    assert main(["sample"]) == 1
    assert writing.lock.file.read_text() == "the last one"
    said = capsys.readouterr()
    assert said.out == (
        "sample\n  base 1.0 requires extra>=2, which is not locked. (CPython 3.14.0, x86_64)\n"
    )
    assert said.err.startswith("Incomplete lock files were not written.")


def test_without_uv_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 1
    assert "uv is not on PATH" in capsys.readouterr().err
