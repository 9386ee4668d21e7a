"""The trace of a build: where it is, and that it has only what may leave the machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.buildpack._trace import Trace, trace_file
from layerwright.errors import UserError
from layerwright.output.events import Chosen, Installed, LayerBegun, LayerDone, Warned

if TYPE_CHECKING:
    from pathlib import Path

CHOSEN = Chosen(
    "linux/amd64",
    "production",
    {"name": "pip", "reason": "secret"},
    {"version": "3.13.0", "origin": "secret"},
)
DONE = LayerDone("python", "created", ("secret",), 1.5, 1000, "/secret", ("build",), {"secret": "secret"})


def attributes(found: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: next(iter(one["value"].values())) for one in found["attributes"]}


def spans(file: Path) -> list[dict[str, Any]]:
    *_, last = file.read_text().splitlines()
    [resource] = json.loads(last)["resourceSpans"]
    assert attributes(resource["resource"]) == {"buildpack_id": "acme/python", "buildpack_version": "1"}
    [scope] = resource["scopeSpans"]
    found: list[dict[str, Any]] = scope["spans"]
    return found


def test_a_platform_collects_traces_if_it_says_so(tmp_path: Path) -> None:
    layers = tmp_path / "layers" / "acme_python"

    def file(**environment: str) -> Path | None:
        return trace_file(layers, environment, "acme/python", "1.2", "build")

    name = "acme_python@1.2-build.jsonl"
    assert file() is None
    assert file(CNB_OTEL_LOG_PATH=str(tmp_path / "there")) == tmp_path / "there" / name
    (tmp_path / "layers" / "tracing").mkdir(parents=True)
    assert file() == tmp_path / "layers" / "tracing" / "buildpacks" / name


def test_a_trace_has_a_span_for_the_build_and_for_each_layer_and_nothing_private(tmp_path: Path) -> None:
    file = tmp_path / "buildpacks" / "trace.jsonl"
    trace = Trace("acme/python", "1", {})
    for event in (CHOSEN, LayerBegun("python", "created", ("secret",)), DONE, Warned("secret")):
        trace.follow(event)
    trace.follow(Installed((("secret", "", "1"),), {"secret": "1"}))
    trace.write(file, status=0)
    whole, layer = spans(file)
    assert (whole["name"], layer["name"]) == ("build", "layer-python")
    assert attributes(whole) == {"package_manager": "pip", "python_version": "3.13.0", "exit_status": "0"}
    assert attributes(layer) == {"layer": "python", "action": "created", "size": "1000"}
    assert layer["parentSpanId"] == whole["spanId"] != layer["spanId"]
    assert (whole["parentSpanId"], whole["traceId"]) == ("", layer["traceId"])
    assert int(layer["endTimeUnixNano"]) - int(layer["startTimeUnixNano"]) == 1_500_000_000
    assert [span["status"]["code"] for span in (whole, layer)] == [1, 1]
    assert "secret" not in file.read_text()


def test_a_failed_build_has_the_reference_of_its_error_and_the_layer_that_failed(tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    error = UserError("secret", cause="secret", reference="no-such-distribution")
    early = Trace("acme/python", "1", {})
    early.write(file, status=1, error=error)
    trace = Trace("acme/python", "1", {"CNB_OTEL_TRACEPARENT": f"00-{'a' * 32}-{'b' * 16}-01"})
    trace.follow(DONE)
    trace.follow(LayerBegun("venv", "updated", ("secret",)))
    trace.write(file, status=1, error=error)
    assert len(file.read_text().splitlines()) == 2
    whole, done, failed = spans(file)
    assert attributes(whole) == {"exit_status": "1", "error_reference": "no-such-distribution"}
    assert [span["status"]["code"] for span in (whole, done, failed)] == [2, 1, 2]
    assert failed["name"] == "layer-venv"
    assert (whole["traceId"], whole["parentSpanId"]) == ("a" * 32, "b" * 16)
    assert "secret" not in file.read_text()


def test_where_a_trace_cannot_be_written_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Trace("acme/python", "1", {"CNB_OTEL_TRACEPARENT": "bad"}).write(tmp_path / "file" / "trace", status=0)
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("parent", ["", "00-zz", f"01-{'a' * 32}-{'b' * 16}-01"])
def test_a_parent_that_is_not_one_is_ignored(tmp_path: Path, parent: str) -> None:
    Trace("acme/python", "1", {"CNB_OTEL_TRACEPARENT": parent}).write(tmp_path / "trace", status=0)
    [whole] = spans(tmp_path / "trace")
    assert whole["parentSpanId"] == ""
    assert len(whole["traceId"]) == 32
