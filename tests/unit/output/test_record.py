from __future__ import annotations

import json
import re

from jsonschema import Draft202012Validator

from layerwright.errors import SiteError
from layerwright.output.events import Chosen, Installed, LayerBegun, LayerDone, Warned
from layerwright.output.record import RECORD_VERSION, Recorder, json_text
from layerwright.process.redaction import KNOWN
from tests.fixtures.pages import DOCS, rows, sections

CHOSEN = Chosen(
    "linux/amd64 (debian 12)",
    "production",
    {"name": "pip", "reason": "requirements.txt exists"},
    {
        "version": "3.13.0",
        "provider": "system",
        "origin": "/usr",
        "sources": [{"origin": "default", "value": ">=3.11", "wins": True}],
    },
    {
        "rules": [{"rule": "hashes", "value": "required", "origin": "LAYERWRIGHT_POLICY_HASHES"}],
        "exceptions": [],
    },
)
BEGUN = LayerBegun("venv", "updated", ("requirements.txt changed",))
DONE = LayerDone(
    "venv",
    "created",
    ("requirements.txt changed", "the update failed"),
    1.2345,
    4_900_000,
    "/layers/venv",
    ("build", "launch", "cache"),
    {"pip version": "26.3"},
)
SCHEMA = json.loads((DOCS / "build-record.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def test_a_record_has_the_choices_the_layers_and_the_result() -> None:
    recorder = Recorder()
    changes = (("flask", "", "3.1.3"), ("six", "1.17.0", ""))
    for event in (CHOSEN, BEGUN, DONE, Installed(changes, {"flask": "3.1.3"}), Warned("careful")):
        recorder.follow(event)
    found = recorder.record(
        application="/app",
        status=0,
        digests={"venv": "sha256:1", "other": "sha256:2"},
        output="/layers/output.log",
        result={"dropped": ["tool-uv"]},
    )
    VALIDATOR.validate(found)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["started"])
    assert found["seconds"] >= 0
    assert {key: found[key] for key in found if key not in ("started", "seconds", "layerwright")} == {
        "version": RECORD_VERSION,
        "application": "/app",
        "exit-status": 0,
        "error": None,
        "target": "linux/amd64 (debian 12)",
        "execution-environment": "production",
        "package-manager": CHOSEN.package_manager,
        "python": CHOSEN.python,
        "policy": CHOSEN.policy,
        "layers": [
            {
                "name": "venv",
                "path": "/layers/venv",
                "types": ["build", "launch", "cache"],
                "inputs": {"pip version": "26.3"},
                "action": "create",
                "reasons": ["requirements.txt changed", "the update failed"],
                "complete": True,
                "digest": "sha256:1",
                "size": 4_900_000,
                "seconds": 1.234,
            }
        ],
        "distributions": [{"name": "flask", "version": "3.1.3"}],
        "changes": [
            {"name": "flask", "before": None, "after": "3.1.3"},
            {"name": "six", "before": "1.17.0", "after": None},
        ],
        "dropped": ["tool-uv"],
        "processes": [],
        "not-proposed": [],
        "warnings": ["careful"],
        "output": "/layers/output.log",
    }


def test_the_record_of_a_failed_build_has_what_it_reached_and_the_error() -> None:
    recorder = Recorder()
    error = SiteError("It broke.", cause="Old.", remedy=["Mend it."], reference="broken", transient=True)
    early = recorder.record(application="/app", status=75, error=error)
    VALIDATOR.validate(early)
    assert (early["package-manager"], early["python"], early["layers"]) == (None, None, [])
    recorder.follow(CHOSEN)
    recorder.follow(BEGUN)
    late = recorder.record(application="/app", status=75, error=error)
    VALIDATOR.validate(late)
    assert late["error"] == {
        "reference": "broken",
        "summary": "It broke.",
        "cause": "Old.",
        "remedy": ["Mend it."],
        "transient": True,
    }
    assert late["layers"] == [
        {"name": "venv", "action": "update", "reasons": ["requirements.txt changed"], "complete": False}
    ]


def test_secrets_are_masked_in_each_string_so_that_the_json_stays_json() -> None:
    KNOWN.learn(["hunter2hunter2"])
    value = {
        "in hunter2hunter2": ["a hunter2hunter2 b", {"deep": 'https://me:pass@example.com/?token=abc"d'}],
        "number": 1.5,
        "nothing": None,
        "true": True,
    }
    assert json.loads(json_text(value)) == {
        "in ****": ["a **** b", {"deep": 'https://****@example.com/?token=****"d'}],
        "number": 1.5,
        "nothing": None,
        "true": True,
    }


def test_every_key_of_the_record_is_documented_and_in_the_schema() -> None:
    page = (DOCS / "build-record.md").read_text()
    documented = {key for row in rows(page) for key in re.findall(r"`([a-z-]+)`", row[0])}
    layer = SCHEMA["properties"]["layers"]["items"]["properties"]
    assert documented == {*SCHEMA["properties"], *layer}
    assert [*Recorder().record(application="", status=0)] == [*SCHEMA["properties"]]
    assert sorted(SCHEMA["required"]) == sorted(SCHEMA["properties"])
    assert sections(DOCS / "build-record.md", "#") is not None


def test_the_schema_notices_what_is_wrong() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    good = Recorder().record(application="/app", status=0)
    layer = {"name": "venv", "action": "kept", "reasons": [], "complete": True}
    for change in ({"version": 2}, {"warnings": [1]}, {"layers": [layer]}):
        assert not VALIDATOR.is_valid({**good, **change})
    del good["python"]
    assert not VALIDATOR.is_valid(good)
