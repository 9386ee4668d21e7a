from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.build import build
from layerwright.contribute import Action
from layerwright.explain import explain
from layerwright.output import Log
from layerwright.testing.tree import tree
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.contribute import Decision


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "layers").mkdir()
    return tmp_path


def build_small(root: Path) -> None:
    build(small_request(root), Log(io.StringIO(), io.StringIO()))


def venv(root: Path) -> Decision:
    return next(layer.decision for layer in explain(small_request(root)).layers if layer.spec.name == "venv")


def test_a_first_build_is_explained_without_a_trace(root: Path) -> None:
    write_lock(root / "app", "acme")
    before = tree(root)

    explanation = explain(small_request(root))

    assert {layer.decision.action for layer in explanation.layers} == {Action.CREATE}
    assert explanation.dropped == ()
    assert tree(root) == before


@pytest.mark.parametrize(
    ("settings", "same", "changed"),
    [
        ({"locked": True, "resolves": True}, Action.KEEP, Action.UPDATE),
        ({"resolves": True}, Action.KEEP, Action.UPDATE),
        ({"converges": True}, Action.KEEP, Action.UPDATE),
        ({}, Action.KEEP, Action.CREATE),
        ({"fresh-because": "it may be another every time"}, Action.CREATE, Action.CREATE),
    ],
)
def test_the_venv_is_decided_as_a_build_would(
    root: Path, settings: dict[str, object], same: Action, changed: Action
) -> None:
    write_lock(root / "app", "acme", **settings)
    build_small(root)

    assert venv(root).action is same
    write_lock(root / "app", "extra", **settings)
    assert venv(root).action is changed


def test_where_a_resolution_decides_the_explanation_says_so(root: Path) -> None:
    write_lock(root / "app", "acme", resolves=True)
    build_small(root)

    assert venv(root).reasons[-1].startswith("it is resolved first")

    write_lock(root / "app", "acme", resolves=True, locked=True)
    build_small(root)
    assert venv(root).reasons == ("nothing that it is made from has changed",)


def test_the_launch_environment_is_that_of_the_layers_to_be(root: Path) -> None:
    write_lock(root / "app", "acme")
    layers = root / "layers"

    environment = explain(small_request(root)).launch_environment

    assert environment["VIRTUAL_ENV"] == f"{layers}/venv"
    assert environment["PATH"].startswith(f"{layers}/venv/bin:{layers}/python/bin:{layers}/")
    assert "tool-small" not in environment["PATH"]

    (root / "app" / "layerwright.toml").write_text("[small]\nlaunch = true\n")
    path = explain(small_request(root)).launch_environment["PATH"]
    assert path == f"{layers}/venv/bin:{layers}/tool-small/bin:{layers}/python/bin"


def test_layers_that_a_build_would_drop_are_named(root: Path) -> None:
    write_lock(root / "app", "acme")
    (root / "layers" / "cache-other").mkdir()

    explanation = explain(small_request(root))

    assert explanation.dropped == ("cache-other",)
    assert explanation.as_json()["dropped"] == ["cache-other"]


def test_the_processes_are_those_of_what_is_installed_now(root: Path) -> None:
    write_lock(root / "app", "acme")
    build_small(root)

    assert explain(small_request(root)).as_json()["processes"] == [
        {
            "type": "acme",
            "command": ["acme"],
            "default": True,
            "origin": "layerwright-small 1.0, because acme is installed",
        }
    ]


def test_a_process_that_needs_an_absent_tool_is_warned_about_before_the_build(root: Path) -> None:
    write_lock(root / "app", "acme")
    (root / "app" / "Procfile").write_text("web: small run acme\n")
    explanation = explain(small_request(root))
    [warning] = explanation.warnings
    assert "Write the command itself, which is on PATH: acme\n" in warning
    assert explanation.as_json()["warnings"] == [warning]
