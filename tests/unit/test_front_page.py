"""The log on the front page is one of the example that it names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cli.main import main
from tests.fixtures.pages import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLE = ROOT / "examples" / "flask"
FIRST, SECOND = blocks(ROOT / "README.md", "text")


@pytest.fixture(autouse=True)
def _away_from_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use neither the user's layers nor the interpreters of this machine: an explanation downloads none."""
    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LAYERWRIGHT_PYTHON_PROVIDER", "standalone")


@pytest.fixture
def explanation(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["explain", str(EXAMPLE), "--json"]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert isinstance(explained, dict)
    return explained


def rows(log: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the table of layers in *log*."""
    for line in f"\n{log}".partition("\nLayers\n")[2].splitlines()[1:]:
        if line.startswith("  Built in"):
            return
        yield re.split(r" {2,}", line.strip())


@pytest.mark.parametrize(("log", "result"), [(FIRST, "created"), (SECOND, "kept")])
def test_the_table_has_the_layers_of_the_example(log: str, result: str, explanation: dict[str, Any]) -> None:
    shown = [(name, types, found) for name, types, _size, found, _time in rows(log)]
    assert shown == [(one["name"], ", ".join(one["types"]), result) for one in explanation["layers"]]


def test_the_log_has_a_line_for_each_layer_with_its_reason(explanation: dict[str, Any]) -> None:
    lines = re.findall(
        r"^  Layer (\S+) (\w+): ([^(\n]+?)(?: \([\d.]+ MB in [\d.]+ s\))?$", FIRST, re.MULTILINE
    )
    assert lines == [(one["name"], "created", "; ".join(one["reasons"])) for one in explanation["layers"]]


def test_the_log_names_the_package_manager_and_the_process_of_the_example(
    explanation: dict[str, Any],
) -> None:
    manager, [process] = explanation["package-manager"], explanation["processes"]
    assert f"Package manager\n  {manager['name']}, because {manager['reason']}\n" in FIRST
    command = " ".join(process["command"])
    assert f"  {process['type']} (default): {command}  [{process['origin']}]\n" in FIRST


def test_the_log_names_what_the_example_pins() -> None:
    pinned = re.findall(r"^([a-z]+)==([\d.]+)", (EXAMPLE / "requirements.txt").read_text(), re.MULTILINE)
    assert re.findall(r"^  \+ ([a-z]+) ([\d.]+)$", FIRST, re.MULTILINE) == pinned
