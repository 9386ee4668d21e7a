"""The trace of a build, for a platform that collects them.

Where it is and what it may contain: https://github.com/buildpacks/rfcs/blob/main/text/0131-build-observability.md. Its
format: https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.output.events import Chosen, LayerBegun, LayerDone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.errors import LayerwrightError
    from layerwright.output.events import Event

__all__ = ["Trace", "trace_file"]

_PLACE: Final = "CNB_OTEL_LOG_PATH"
_PARENT: Final = "CNB_OTEL_TRACEPARENT"
_TRACEPARENT: Final = re.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_INTERNAL, _OK, _FAILED = 1, 1, 2
_NANOSECONDS: Final = 1_000_000_000


def trace_file(
    layers: Path, environment: Mapping[str, str], buildpack: str, version: str, phase: str
) -> Path | None:
    """Return the file for the trace of *phase*; ``None`` if the platform collects none.

    It does if it sets ``CNB_OTEL_LOG_PATH``, or if there is a directory ``tracing`` beside *layers*.
    """
    configured, usual = environment.get(_PLACE), layers.parent / "tracing"
    if not configured and not usual.is_dir():
        return None
    place = Path(configured) if configured else usual / "buildpacks"
    return place / f"{buildpack.replace('/', '_')}@{version}-{phase}.jsonl"


class _Span(NamedTuple):
    name: str
    begun: int
    ended: int
    attributes: Mapping[str, str | int]


class Trace:
    """Collects the spans of a build: one for all of it, and one for each layer.

    A trace leaves the machine, so it has nothing of the application: only the names of layers and of the package
    manager, the version of Python, actions, sizes, times, and the reference of an error.
    """

    def __init__(self, buildpack: str, version: str, environment: Mapping[str, str]) -> None:
        self._resource: Final = {"buildpack_id": buildpack, "buildpack_version": version}
        parent = _TRACEPARENT.fullmatch(environment.get(_PARENT, ""))
        self._trace: Final = parent[1] if parent else os.urandom(16).hex()
        self._parent: Final = parent[2] if parent else ""
        self._begun: Final = time.time_ns()
        self._chosen: dict[str, str] = {}
        self._making: tuple[str, int] | None = None
        self._spans: list[_Span] = []

    def follow(self, event: Event) -> None:
        """Add *event* to the trace."""
        now = time.time_ns()
        if isinstance(event, Chosen):
            self._chosen = {
                "package_manager": event.package_manager["name"],
                "python_version": event.python["version"],
            }
        elif isinstance(event, LayerBegun):
            self._making = (event.name, now)
        elif isinstance(event, LayerDone):
            begun = now - int(event.seconds * _NANOSECONDS)
            attributes: dict[str, str | int] = {
                "layer": event.name,
                "action": event.action,
                "size": event.size,
            }
            self._spans.append(_Span(f"layer-{event.name}", begun, now, attributes))
            self._making = None

    def write(self, file: Path, *, status: int, error: LayerwrightError | None = None) -> None:
        """Append the trace of a build that ends with *status* to *file*; do nothing where that is not possible."""
        import json

        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as opened:
                opened.write(f"{json.dumps(self._document(status, error))}\n")

    def _document(self, status: int, error: LayerwrightError | None) -> dict[str, Any]:
        now = time.time_ns()
        whole: dict[str, str | int] = {**self._chosen, "exit_status": status}
        failed = []
        if error is not None:
            whole |= {"error_reference": error.reference}
            if self._making is not None:
                name, begun = self._making
                failed = [_Span(f"layer-{name}", begun, now, {"layer": name})]
        root = os.urandom(8).hex()
        spans = [
            self._span(root, self._parent, _Span("build", self._begun, now, whole), error is None),
            *(self._span(os.urandom(8).hex(), root, span, True) for span in self._spans),
            *(self._span(os.urandom(8).hex(), root, span, False) for span in failed),
        ]
        resource = {"attributes": _attributes(self._resource)}
        scope = {"name": "layerwright"}
        return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]}

    def _span(self, identifier: str, parent: str, span: _Span, succeeded: bool) -> dict[str, Any]:
        return {
            "traceId": self._trace,
            "spanId": identifier,
            "parentSpanId": parent,
            "name": span.name,
            "kind": _INTERNAL,
            "startTimeUnixNano": str(span.begun),
            "endTimeUnixNano": str(span.ended),
            "attributes": _attributes(span.attributes),
            "status": {"code": _OK if succeeded else _FAILED},
        }


def _attributes(values: Mapping[str, str | int]) -> list[dict[str, Any]]:
    # In the JSON of the protocol, an integer is a string.
    return [
        {"key": key, "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}}
        for key, v in values.items()
    ]
