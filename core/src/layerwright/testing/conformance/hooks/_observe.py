"""Call the hooks of a plugin in another process, and record what that process does.

The kit runs it as ``python -P -m layerwright.testing.conformance.hooks._observe``. The module ``trial.observe`` does
the same for package managers.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.testing.conformance.hooks._subject import HookSubject, find_plugin
from layerwright.testing.conformance.trial.canonical import flattened
from layerwright.testing.conformance.trial.observe import Observed, recording

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from layerwright.testing.applications import Application

__all__ = ["MODULE", "HookQuestion", "main"]

MODULE: Final = "layerwright.testing.conformance.hooks._observe"


class HookQuestion(NamedTuple):
    """The plugin, and the application for its hooks."""

    plugin: object
    app: Application
    home: Path
    distributions: Collection[str]
    configured: Mapping[str, object]


def main() -> None:
    """Answer the question on standard input."""
    question: HookQuestion = pickle.load(sys.stdin.buffer)
    answer = json.dumps(_observe(question))
    sys.stdout.write(f"\n{answer}\n")


def _observe(question: HookQuestion) -> Observed:
    plugins, entry_point, theirs = find_plugin(question.plugin)
    subject = HookSubject(
        given=question.plugin,
        plugins=plugins,
        entry_point=entry_point,
        entry_points=theirs,
        app=question.app,
        home=question.home,
        distributions=question.distributions,
        configured=question.configured,
    )
    done: list[tuple[str, str]] = []
    usual = [sys.prefix, sys.base_prefix, *sys.path, *subject.readable, "/etc", os.devnull]
    usual += [str(subject.app.path), str(subject.home)]
    app = f"{subject.app.path}{os.sep}"

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        file = str(getattr(arguments[0], "co_filename", "")) if event == "exec" else ""
        if file.startswith(app):
            done.append(("import", file.removeprefix(app)))

    hook.__cantrace__ = True  # type: ignore[attr-defined]
    sys.addaudithook(hook)
    with recording(done, usual, subject.readable):
        found = subject.ask(settings=subject.configured)
    return Observed(flattened(found), done)


if __name__ == "__main__":
    main()
