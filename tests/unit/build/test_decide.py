from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from layerwright.build._decide import SCHEMA, Action, Decision, LayerSpec, decide, digest_input
from layerwright.cnb.layers.layer import LayerTypes, RestoredLayer
from layerwright.contract.sameness import Locked, Resolution, Unprovable, Update
from layerwright.process.command import Command
from tests.fixtures.pages import DOCS

if TYPE_CHECKING:
    from collections.abc import Mapping

INPUTS = {"Python version": "3.13.1", "target": "linux/amd64"}
CONTENT = {"requirements.txt": digest_input("a" * 64), "extras": "tls"}
METADATA = {"schema": SCHEMA, "inputs": INPUTS, "content-inputs": CONTENT, "resolution": "sha256:1"}
TYPES = LayerTypes(build=True, cache=True)


SPEC = LayerSpec(
    name="venv", types=TYPES, inputs=INPUTS, content_inputs=CONTENT, sameness=Locked(update=Update())
)


def spec(**changes: Any) -> LayerSpec:
    return replace(SPEC, **changes)


def restored(
    metadata: Mapping[str, object] | None = METADATA,
    *,
    contents: bool = True,
    problem: str = "",
    altered: tuple[str, ...] = (),
    discarded: str = "",
) -> RestoredLayer:
    return RestoredLayer(
        name="venv",
        path=Path("/venv"),
        contents=contents,
        metadata=metadata,
        problem=problem,
        altered=altered,
        discarded=discarded,
    )


@pytest.mark.parametrize(
    ("layer", "wanted", "action", "reasons"),
    [
        (restored(None, contents=False), spec(), Action.CREATE, ["first build"]),
        (restored(contents=False), spec(), Action.CREATE, ["its contents were not restored"]),
        (
            restored(contents=False),
            spec(fresh_because="it is editable"),
            Action.CREATE,
            ["its contents were not restored"],
        ),
        (restored(None, contents=False, discarded="--clean"), spec(), Action.CREATE, ["--clean"]),
        (
            restored(None, problem="venv.toml is not valid TOML"),
            spec(),
            Action.CREATE,
            ["its metadata cannot be read: venv.toml is not valid TOML"],
        ),
        (restored(None), spec(), Action.CREATE, ["an earlier build did not finish it"]),
        (restored({}), spec(), Action.CREATE, ["it was made by another version of Layerwright"]),
        (
            restored({**METADATA, "schema": "0"}),
            spec(),
            Action.CREATE,
            ["it was made by another version of Layerwright"],
        ),
        (restored(), spec(fresh_because="it is editable"), Action.CREATE, ["it is editable"]),
        (
            restored(altered=("lib/a.py",)),
            spec(content_inputs={}),
            Action.CREATE,
            ["changed since the last build: lib/a.py"],
        ),
        (
            restored(altered=("a", "b", "c", "d", "e")),
            spec(),
            Action.CREATE,
            ["changed since the last build: a, b, c and 2 more"],
        ),
        (
            restored(),
            spec(inputs={**INPUTS, "Python version": "3.13.2"}),
            Action.CREATE,
            ["Python version: 3.13.1 → 3.13.2"],
        ),
        (
            restored(),
            spec(inputs={"Python version": "3.13.1", "layer path": "/venv"}),
            Action.CREATE,
            ["layer path is new", "target is gone"],
        ),
        (
            restored(),
            spec(inputs={**INPUTS, "target": "linux/arm64"}, content_inputs={}, resolution="sha256:1"),
            Action.CREATE,
            ["target: linux/amd64 → linux/arm64", "requirements.txt is gone", "extras is gone"],
        ),
        (
            restored(),
            spec(inputs={**INPUTS, "target": "linux/arm64"}, fresh_because="it is editable"),
            Action.CREATE,
            ["target: linux/amd64 → linux/arm64"],
        ),
        (
            restored({**METADATA, "inputs": "mangled"}),
            spec(),
            Action.CREATE,
            ["Python version is new", "target is new"],
        ),
        (restored(), spec(), Action.KEEP, ["unchanged"]),
        (restored(), spec(resolution="sha256:1"), Action.KEEP, ["the resolution is unchanged"]),
        (
            restored(),
            spec(content_inputs={}, resolution="sha256:1"),
            Action.KEEP,
            ["the resolution is unchanged"],
        ),
        (restored(), spec(resolution="sha256:2"), Action.UPDATE, ["the resolution changed"]),
        (
            restored(),
            spec(content_inputs={**CONTENT, "extras": "tls http2"}, resolution="sha256:2"),
            Action.UPDATE,
            ["extras: tls → tls http2", "the resolution changed"],
        ),
        (
            restored({**METADATA, "resolution": {}}),
            spec(resolution="sha256:1"),
            Action.UPDATE,
            ["the resolution changed"],
        ),
        (
            restored(),
            spec(content_inputs={**CONTENT, "requirements.txt": digest_input("b" * 64)}),
            Action.UPDATE,
            ["requirements.txt changed"],
        ),
        (
            restored(),
            spec(content_inputs={**CONTENT, "requirements.txt": digest_input("absent")}),
            Action.UPDATE,
            ["requirements.txt changed"],
        ),
        (
            restored({**METADATA, "content-inputs": []}),
            spec(),
            Action.UPDATE,
            ["requirements.txt is new", "extras is new"],
        ),
        (
            restored({**METADATA, "content-inputs": {**CONTENT, "extras": 1}}),
            spec(),
            Action.UPDATE,
            ["extras: 1 → tls"],
        ),
    ],
)
def test_what_was_restored_and_what_is_wanted_decide(
    layer: RestoredLayer, wanted: LayerSpec, action: Action, reasons: list[str]
) -> None:
    assert decide(layer, wanted) == Decision(action=action, reasons=tuple(reasons))


def test_a_digest_is_marked_as_one_and_the_absence_of_a_file_is_none() -> None:
    assert digest_input("abc") == "sha256:abc"
    assert digest_input("absent") == "absent"


def test_metadata_survive_json() -> None:
    wanted = spec()
    assert json.loads(json.dumps(wanted.metadata)) == wanted.metadata
    assert wanted.metadata == {"schema": SCHEMA, "inputs": INPUTS, "content-inputs": CONTENT}


RESOLUTION = Resolution(
    command=Command(argv=("acme", "resolve")), read=lambda _text: (), converge=lambda _change: ()
)
ADDED = {**CONTENT, "extras": "tls http2"}
THEN = "resolved first, then kept if the resolution is unchanged, otherwise "


@pytest.mark.parametrize(
    ("wanted", "decision"),
    [
        pytest.param(
            spec(sameness=RESOLUTION),
            Decision(action=Action.KEEP, reasons=("unchanged", f"{THEN}updated"), resolves=True),
            id="equal inputs prove nothing where only a resolution does",
        ),
        pytest.param(
            spec(sameness=RESOLUTION, content_inputs=ADDED),
            Decision(
                action=Action.UPDATE, reasons=("extras: tls → tls http2", f"{THEN}updated"), resolves=True
            ),
            id="a change may not change the resolved set",
        ),
        pytest.param(
            spec(sameness=Locked(update=RESOLUTION), content_inputs=ADDED),
            Decision(
                action=Action.UPDATE, reasons=("extras: tls → tls http2", f"{THEN}updated"), resolves=True
            ),
            id="nor that of a lock that is updated by a resolution",
        ),
        pytest.param(
            spec(sameness=Locked(update=RESOLUTION)),
            Decision(action=Action.KEEP, reasons=("unchanged",)),
            id="which equal inputs prove",
        ),
        pytest.param(
            spec(sameness=RESOLUTION, no_update_because="it has checkouts in src"),
            Decision(
                action=Action.KEEP,
                reasons=("unchanged", f"{THEN}recreated, because it has checkouts in src"),
                resolves=True,
            ),
            id="a resolution can still show that nothing changed",
        ),
        pytest.param(
            spec(sameness=RESOLUTION, no_update_because="it has checkouts in src", content_inputs=ADDED),
            Decision(action=Action.CREATE, reasons=("extras: tls → tls http2", "it has checkouts in src")),
            id="where no update is possible, a change needs no resolution",
        ),
        pytest.param(
            spec(sameness=RESOLUTION, inputs={}),
            Decision(action=Action.CREATE, reasons=("Python version is gone", "target is gone")),
            id="nor does a change of what no update can meet",
        ),
        pytest.param(
            spec(sameness=Locked(), content_inputs=ADDED),
            Decision(action=Action.CREATE, reasons=("extras: tls → tls http2",)),
            id="without a way to update",
        ),
        pytest.param(
            spec(sameness=Unprovable("acme builds from the clock"), content_inputs=ADDED),
            Decision(action=Action.CREATE, reasons=("acme builds from the clock",)),
            id="unprovable",
        ),
    ],
)
def test_the_proof_of_sameness_decides_what_a_change_means(wanted: LayerSpec, decision: Decision) -> None:
    assert decide(restored(), wanted) == decision


@pytest.mark.parametrize(
    ("digest", "action", "reasons"),
    [
        ("sha256:1", Action.KEEP, ("the resolution is unchanged",)),
        ("sha256:2", Action.UPDATE, ("the resolution changed",)),
    ],
)
def test_a_resolution_that_was_run_decides(digest: str, action: Action, reasons: tuple[str, ...]) -> None:
    assert decide(restored(), spec(sameness=RESOLUTION, resolution=digest)) == Decision(action, reasons)


def test_a_change_of_a_command_is_reported_by_the_arguments_that_differ() -> None:
    then = restored({**METADATA, "content-inputs": {"command acme sync": "acme sync --all"}})
    now = spec(content_inputs={"command acme sync": "acme sync --all --group=docs"})
    assert decide(then, now).reasons == ("command acme sync: --group=docs is new",)


def test_the_picture_on_the_page_has_the_action_for_each_question_in_its_order() -> None:
    """Each layer here is the first one to which the answer is yes; the last one, no."""
    changed = {**CONTENT, "extras": "http2"}
    questions = (
        (restored(), spec(inputs={**INPUTS, "Python version": "3.14.1"}, content_inputs=changed)),
        (restored(altered=("lib/a.py",)), spec(content_inputs=changed)),
        (restored(), spec()),
        (restored(), spec(content_inputs=changed)),
        (restored(), spec(content_inputs=changed, sameness=Locked())),
    )
    picture = ET.parse(DOCS / "_static" / "decision.svg")
    drawn = [group.attrib["data-action"] for group in picture.iter() if "data-action" in group.attrib]
    assert [decide(layer, wanted).action for layer, wanted in questions] == drawn
