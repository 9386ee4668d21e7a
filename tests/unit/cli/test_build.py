"""What ``layerwright build`` prints, with the options that say how much."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.build.phase import build
from layerwright.cli import image
from layerwright.cli.parser import parse
from layerwright.local.platform import LocalPlatform
from layerwright.output.log import Log
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.phase import Built


class Site:
    """An application that the embedded platform would build, with an interpreter that is a script."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.log = root, ""
        write_lock(root / "app", "acme")
        (root / "layers").mkdir()

        def build_small(_platform: LocalPlatform, log: Log, **_options: object) -> Built:
            return build(small_request(root), log)

        monkeypatch.setattr(LocalPlatform, "build", build_small)

    def build(self, *options: str, variable: str = "") -> str:
        stream = io.StringIO()
        arguments = parse(["build", str(self.root / "app"), "--layers", str(self.root / "layers"), *options])
        assert arguments.run(arguments, Log(stream, stream), {"LAYERWRIGHT_LOG": variable}) == 0
        return stream.getvalue()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("options", "variable", "shown"),
    [
        ([], "", ["Layer venv"]),
        (["-v"], "", ["Layer venv", "$ get small", "    installing"]),
        (["--verbose"], "quiet", ["Layer venv", "$ get small", "    installing"]),
        (["-q"], "verbose", []),
        ([], "verbose", ["Layer venv", "$ get small", "    installing"]),
        ([], "quiet", []),
    ],
)
def test_an_option_or_else_a_variable_says_how_much_is_printed(
    site: Site, options: list[str], variable: str, shown: list[str]
) -> None:
    log = site.build(*options, variable=variable)
    assert [words for words in ("Layer venv", "$ get small", "    installing") if words in log] == shown
    assert bool(log) == bool(shown)


def test_the_verbosity_of_an_image_is_that_of_the_build_in_the_lifecycle(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def build_application_image(_arguments: object, _log: Log, environment: dict[str, str]) -> int:
        seen.append(environment["LAYERWRIGHT_LOG"])
        return 0

    monkeypatch.setattr(image, "build_application_image", build_application_image)
    site.build("-v", "--lifecycle", "/lifecycle")
    site.build("--lifecycle", "/lifecycle", variable="quiet")
    assert seen == ["verbose", "quiet"]
