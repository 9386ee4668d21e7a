"""The build record: what a build was asked, decided and did, as JSON."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from layerwright.output.events import Chosen, Installed, LayerBegun, LayerDone
from layerwright.process.redaction import KNOWN
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.errors import LayerwrightError
    from layerwright.output.events import Event

__all__ = ["RECORD_VERSION", "Recorder", "json_text", "masked"]

RECORD_VERSION: Final = 1
"""Grows when a key is removed or gets another meaning; releases may add keys."""

_ACTIONS: Final = {"kept": "keep", "updated": "update", "created": "create"}


class Recorder:
    """Collects the record of a build from its events, in the words of ``layerwright explain --json``."""

    def __init__(self) -> None:
        self._began: Final = time.time()
        self._clock: Final = time.monotonic()
        self._chosen: Chosen | None = None
        self._layers: dict[str, dict[str, Any]] = {}
        self._installed = Installed((), {})
        self._warnings: list[str] = []

    def follow(self, event: Event) -> None:
        """Add *event* to the record."""
        if isinstance(event, Chosen):
            self._chosen = event
        elif isinstance(event, LayerBegun):
            self._layers[event.name] = {
                "name": event.name,
                "action": _ACTIONS[event.action],
                "reasons": list(event.reasons),
                "complete": False,
            }
        elif isinstance(event, LayerDone):
            self._layers[event.name] = {
                "name": event.name,
                "path": event.path,
                "types": list(event.types),
                "inputs": dict(event.inputs),
                "action": _ACTIONS[event.action],
                "reasons": list(event.reasons),
                "complete": True,
                "digest": None,
                "size": event.size,
                "seconds": round(event.seconds, 3),
            }
        elif isinstance(event, Installed):
            self._installed = event
        else:
            self._warnings.append(event.text)

    def record(
        self,
        *,
        application: str,
        status: int,
        error: LayerwrightError | None = None,
        digests: Mapping[str, str] | None = None,
        output: str | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the record of the build of *application*, which ends with the exit status *status*.

        *error* is why it failed. *digests* has those of the contents of layers, by name. *output* is the file with
        everything that commands have printed. *result* has the rest: layers that were removed, and processes.
        """
        chosen = self._chosen
        for name, digest in (digests or {}).items():
            if name in self._layers:
                self._layers[name]["digest"] = digest
        return {
            "version": RECORD_VERSION,
            "layerwright": __version__,
            "application": application,
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._began)),
            "seconds": round(time.monotonic() - self._clock, 3),
            "exit-status": status,
            "error": error
            and {
                "reference": error.reference,
                "summary": error.summary,
                "cause": error.cause,
                "remedy": list(error.remedy),
                "transient": error.transient,
            },
            "target": chosen and chosen.target,
            "execution-environment": chosen and chosen.exec_env,
            "package-manager": chosen and dict(chosen.package_manager),
            "python": chosen and dict(chosen.python),
            "policy": chosen and chosen.policy,
            "layers": list(self._layers.values()),
            "distributions": [
                {"name": name, "version": version}
                for name, version in sorted(self._installed.distributions.items())
            ],
            "changes": [
                {"name": name, "before": before or None, "after": after or None}
                for name, before, after in self._installed.changes
            ],
            "dropped": [],
            "processes": [],
            "not-proposed": [],
            **(result or {}),
            "warnings": self._warnings,
            "output": output,
        }


def json_text(value: Any) -> str:
    """Return *value* as JSON, with every secret in its strings masked.

    Masking the JSON instead could mask a backslash or a quotation mark of JSON itself.
    """
    import json

    return json.dumps(masked(value), indent=2)


def masked(value: Any) -> Any:
    """Return *value*, of JSON, with every secret in its strings masked."""
    if isinstance(value, str):
        return KNOWN.masked(value)
    if isinstance(value, dict):
        return {KNOWN.masked(key): masked(item) for key, item in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value
