"""The end of a build log: every layer with its result, and the processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.output.words import bytes_words, seconds_words
from layerwright.process.shell.process_command import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.phase import Built
    from layerwright.config.processes import FoundProcess
    from layerwright.contract.hooks import NotProposed
    from layerwright.output.log import Log

__all__ = ["not_proposed_words", "processes_json", "tell_layers", "tell_not_proposed", "tell_processes"]


def tell_layers(built: Built, log: Log, *, seconds: float) -> None:
    """Log the layers that were *built*, in *seconds* altogether."""
    log.heading("Layers")
    rows = [
        (
            c.name,
            c.exported.words,
            bytes_words(c.size),
            c.decision.action.value,
            seconds_words(c.seconds),
        )
        for c in built.contributions
    ]
    log.table(("layer", "types", "size", "result", "time"), rows, right=(2, 4))
    if built.dropped:
        log.note(f"Removed, no longer needed: {', '.join(built.dropped)}")
    log.note(f"Built in {seconds_words(seconds)}.")


def tell_processes(built: Built, log: Log) -> None:
    """Log the processes of the application, and where each comes from."""
    log.heading("Processes")
    for process, origin in built.processes:
        mark = " (default)" if process.default else ""
        log.note(f"{process.type}{mark}: {text_of((*process.command, *process.args))}  [{origin}]")
    if not built.processes:
        log.note("None: neither the configuration nor a Procfile defines one, and no plugin proposes one.")
    tell_not_proposed(built.not_proposed, log)
    if not built.processes:
        log.note(
            'Define one in a Procfile ("web: gunicorn app:app") or in [tool.layerwright.processes], and build again.'
        )


def processes_json(
    processes: Iterable[FoundProcess], not_proposed: Iterable[tuple[NotProposed, str]]
) -> dict[str, Any]:
    """Return the processes of the application, and why plugins propose none, as JSON values."""
    return {
        "processes": [
            {
                "type": process.type,
                "command": [*process.command, *process.args],
                "default": process.default,
                "origin": origin,
            }
            for process, origin in processes
        ],
        "not-proposed": [
            {"type": one.type, "because": one.because, "remedy": one.remedy, "origin": label}
            for one, label in not_proposed
        ],
    }


def tell_not_proposed(not_proposed: Iterable[tuple[NotProposed, str]], log: Log) -> None:
    """Log why plugins propose no process, and what to do."""
    for one, label in not_proposed:
        log.warning(not_proposed_words(one, label))


def not_proposed_words(one: NotProposed, label: str) -> str:
    """Return why the plugin *label* proposes no process, and what to do, on a line each."""
    what = f"no process {one.type}" if one.type else "none"
    return f"{label} proposes {what}, because {one.because}.\n{one.remedy}"
