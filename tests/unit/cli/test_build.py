"""What ``layerwright build`` prints, with the options that say how much, and the record that it leaves."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from layerwright.build.phase import build
from layerwright.cli.images import lifecycle
from layerwright.cli.parser import parse
from layerwright.errors import CommandFailed, LayerwrightError
from layerwright.local.platform import LocalPlatform
from layerwright.output.log import Log
from tests.fixtures.pages import DOCS
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.phase import Built

VALIDATOR = Draft202012Validator(json.loads((DOCS / "build-record.schema.json").read_text()))


class Site:
    """An application that the embedded platform would build, with an interpreter that is a script."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.error: BaseException | None = None
        write_lock(root / "app", "acme")
        (root / "layers").mkdir()

        def build_small(_platform: LocalPlatform, log: Log, **_options: object) -> Built:
            if self.error is not None:
                raise self.error
            return build(small_request(root), log)

        monkeypatch.setattr(LocalPlatform, "build", build_small)

    def build(self, *options: str, variable: str = "") -> str:
        stream = io.StringIO()
        arguments = parse(["build", str(self.root / "app"), "--layers", str(self.root / "layers"), *options])
        try:
            assert arguments.run(arguments, Log(stream, stream), {"LAYERWRIGHT_LOG": variable}) == 0
        finally:
            self.said = stream.getvalue()
        return self.said

    @property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "app" / ".layerwright" / "build.json").read_text())
        return found


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

    monkeypatch.setattr(lifecycle, "build_application_image", build_application_image)
    site.build("-v", "--lifecycle", "/lifecycle")
    site.build("--lifecycle", "/lifecycle", variable="quiet")
    assert seen == ["verbose", "quiet"]


# The record


def test_a_build_leaves_its_record_in_the_application_where_git_ignores_it(site: Site) -> None:
    site.build()
    record = site.record
    VALIDATOR.validate(record)
    assert (record["application"], record["exit-status"], record["error"]) == (
        str(site.root / "app"),
        0,
        None,
    )
    assert record["package-manager"] == {"name": "small", "reason": "small.lock exists"}
    assert [(layer["name"], layer["action"], layer["complete"]) for layer in record["layers"]] == [
        ("python", "create", True),
        ("tool-small", "create", True),
        ("absent-tools", "create", True),
        ("cache-small", "create", True),
        ("venv", "create", True),
    ]
    assert record["distributions"] == [{"name": "acme", "version": "1"}]
    assert record["changes"] == [{"name": "acme", "before": None, "after": "1"}]
    assert [process["type"] for process in record["processes"]] == ["acme"]
    assert record["warnings"][0].startswith("The process acme (")
    assert (site.root / "app" / ".layerwright" / ".gitignore").read_text() == "*\n"

    site.build()
    assert {layer["action"] for layer in site.record["layers"]} == {"keep"}
    assert (site.record["distributions"], site.record["changes"]) == (record["distributions"], [])


def test_standard_output_has_the_record_alone_if_it_is_asked_for(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert json.loads(site.build("--json")) == site.record
    assert "  Layer venv created: " in capsys.readouterr().err
    site.build("--json", "-q")
    assert json.loads(site.said) == site.record
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("error", "status", "reference"),
    [
        (CommandFailed("It failed.", returncode=3, reference="broken"), 1, "broken"),
        (LayerwrightError("It is down.", reference="down", transient=True), 75, "down"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError(), 1, "defect"),
    ],
)
def test_a_build_that_fails_leaves_its_record_too(
    site: Site, error: BaseException, status: int, reference: str
) -> None:
    site.build()
    site.error = error
    with pytest.raises(type(error)):
        site.build("--json")
    assert json.loads(site.said) == site.record
    VALIDATOR.validate(site.record)
    assert (site.record["exit-status"], site.record["error"]["reference"]) == (status, reference)


def test_the_record_of_a_build_for_the_image_is_not_on_this_machine(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        site.build("--json", "--lifecycle", "/lifecycle")
    assert "--json cannot be used with --lifecycle" in capsys.readouterr().err
