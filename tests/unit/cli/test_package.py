from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.parser import parse
from layerwright.errors import UserError
from layerwright.output.log import Log

if TYPE_CHECKING:
    from pathlib import Path


def test_the_options_of_package_can_be_repeated_where_there_may_be_several() -> None:
    arguments = parse(
        ["package", "src", "--plugin", "a", "--plugin", "b", "--requirements", "1", "--requirements", "2"]
    )
    assert (arguments.source, arguments.plugin, arguments.requirements) == ("src", ["a", "b"], ["1", "2"])


def test_a_source_that_is_none_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = parse(["package", "nowhere", "--output", "out", "--target", "linux/amd64"])
    with pytest.raises(UserError, match=f"{tmp_path}/nowhere is not a buildpack source"):
        arguments.run(arguments, Log(io.StringIO()), {"LAYERWRIGHT_CACHE_DIR": str(tmp_path / "cache")})
    assert list(tmp_path.iterdir()) == []


def test_what_no_buildpack_can_be_made_for_is_refused(tmp_path: Path) -> None:
    arguments = parse(["package", "--target", "linux/s390x"])
    with pytest.raises(UserError, match="linux/s390x is not a supported target"):
        arguments.run(arguments, Log(io.StringIO()), {"LAYERWRIGHT_CACHE_DIR": str(tmp_path / "cache")})
