from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright import Command, ContributedLayer, HookContext, hookimpl
from layerwright.build._decide import Action
from layerwright.build.changes.touched import after_change, what_changes_touch
from layerwright.build.explain import explain
from layerwright.build.phase import build
from layerwright.output.log import Log
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from layerwright.pythons.provider import Candidate, anything
from tests.unit.small import EVIDENCE, LOCK, PLUGIN, Small, SmallPython, small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from layerwright import ToolLayer, ToolRequest
    from layerwright.build._decide import Decision
    from layerwright.build.changes.touched import Change
    from layerwright.build.request import BuildRequest
    from layerwright.pythons.provider import Wanted


class Words:
    """Contributes a layer that depends on nothing but a file."""

    @hookimpl
    def layerwright_layers(self, context: HookContext) -> list[ContributedLayer]:
        return [
            ContributedLayer(
                inputs={"words.txt": "sha256:1"},
                commands=(Command(argv=("sh", "-c", "exit 0"), shown="get words"),),
            )
        ]


WORDS = EntryPoint(PLUGIN_GROUP, "words", "words", "layerwright-words", "1.0", Words())


def request(root: Path) -> BuildRequest:
    return small_request(root, entry_points=(PLUGIN, EVIDENCE, WORDS))


def actions(decisions: Mapping[str, Decision]) -> dict[str, str]:
    """Return what is not simply kept."""
    return {
        name: "perhaps" if one.resolves else one.action.value
        for name, one in decisions.items()
        if one.resolves or one.action is not Action.KEEP
    }


def foreseen(root: Path) -> dict[str, Change]:
    return {
        change.what or " ".join(change.files): change for change in what_changes_touch(explain(request(root)))
    }


def build_it(root: Path) -> None:
    (root / "layers").mkdir(exist_ok=True)
    build(request(root), Log(io.StringIO(), io.StringIO()))


def test_each_change_names_the_layers_that_it_touches(tmp_path: Path) -> None:
    write_lock(tmp_path / "app", "acme", converges=True)

    touched = {what: actions(change.decisions) for what, change in foreseen(tmp_path).items()}

    # By default a tool depends on the exact version of Python.
    everything = dict.fromkeys(("python", "tool-small", "venv", "plugin-words"), "created")
    assert touched == {
        LOCK: {"venv": "updated", "plugin-words": "perhaps"},
        "words.txt": {"plugin-words": "created"},
        "nothing, or only files that no layer depends on": {},
        "the version of Small": {"tool-small": "created", "venv": "created", "plugin-words": "perhaps"},
        # Known once there is an environment, of which something may depend on it.
        "the patch release of Python 3.13": {**everything, "venv": "perhaps"},
        "the minor version of Python": everything,
        "the operating system, its version or the architecture": everything,
    }


def another_lock(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    write_lock(root / "app", "extra", converges=True)
    return LOCK


def another_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (root / "app" / "app.py").write_text("print()")
    return "nothing, or only files that no layer depends on"


def another_tool(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    def tool_layer(self: Small, request: ToolRequest) -> ToolLayer:
        return replace(usual(self, request), version="2")

    usual = Small.tool_layer
    monkeypatch.setattr(Small, "tool_layer", tool_layer)
    return "the version of Small"


def another_python(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def candidates(self: SmallPython, wanted: Wanted = anything) -> Sequence[Candidate]:
        return [Candidate(version=version, provider="small", origin="/small", inputs={})]

    monkeypatch.setattr(SmallPython, "candidates", candidates)


def another_patch(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    another_python("3.13.1", monkeypatch)
    return "the patch release of Python 3.13"


def another_minor(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    another_python("3.14.0", monkeypatch)
    return "the minor version of Python"


@pytest.mark.parametrize(
    "change",
    [another_lock, another_file, another_tool, another_patch, another_minor],
    ids=lambda c: c.__name__,
)
def test_the_next_build_decides_as_was_foreseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path, pytest.MonkeyPatch], str]
) -> None:
    write_lock(tmp_path / "app", "acme", converges=True)
    build_it(tmp_path)
    before = foreseen(tmp_path)

    what = change(tmp_path, monkeypatch)

    decided = {layer.spec.name: layer.decision for layer in explain(request(tmp_path)).layers}
    told = actions(before[what].decisions)
    # The plugin is asked again, and contributes the same layer.
    assert actions(decided) == {name: one for name, one in told.items() if one != "perhaps"}


@pytest.mark.parametrize(
    ("settings", "nothing", "lock"),
    [
        ({"fresh-because": "it may be another every time"}, "created", "created"),
        ({"resolves": True}, "perhaps", "perhaps"),
        ({"resolves": True, "locked": True}, None, "perhaps"),
        ({}, None, "created"),
    ],
)
def test_the_sameness_of_the_environment_decides(
    tmp_path: Path, settings: dict[str, object], nothing: str | None, lock: str
) -> None:
    write_lock(tmp_path / "app", "acme", **settings)
    build_it(tmp_path)

    changes = foreseen(tmp_path)

    unchanged = changes["nothing, or only files that no layer depends on"]
    assert actions(unchanged.decisions).get("venv") == nothing
    assert actions(changes[LOCK].decisions)["venv"] == lock


def test_files_with_the_same_consequences_are_one_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Small.environment
    more = {"other.lock": "sha256:2", "standard input of it": "sha256:3", "{plugin}/it.py": "sha256:4"}
    monkeypatch.setattr(
        Small,
        "environment",
        lambda self, request: replace(found := usual(self, request), inputs={**found.inputs, **more}),
    )
    write_lock(tmp_path / "app", "acme", converges=True)

    files = [change.files for change in what_changes_touch(explain(request(tmp_path))) if change.files]

    assert files == [(LOCK, "other.lock"), ("words.txt",)]


def test_an_edited_file_of_the_last_build_is_no_reason_for_the_one_after_the_next(tmp_path: Path) -> None:
    write_lock(tmp_path / "app", "acme", converges=True)
    build_it(tmp_path)
    layer = next(one for one in explain(request(tmp_path)).layers if one.spec.name == "venv")
    edited = replace(layer, spec=replace(layer.spec, fresh_because="a directory changed"))

    assert after_change(edited, ()).action is Action.KEEP
