"""``layerwright explain``: shows what a build would do and why, without doing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.build.report import tell_not_proposed
from layerwright.cli.application import platform, with_bundle
from layerwright.process.boundary import usual_modes
from layerwright.process.shell.process_command import text_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.build.explain import Explanation
    from layerwright.local.platform import LocalPlatform
    from layerwright.output.log import Log

__all__ = ["run", "show"]

_FUTURE = {"kept": "keep", "updated": "update", "created": "create"}
_DIGEST_LENGTH = len("sha256:") + 12


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Explain, as text, as JSON or as a page."""
    environment = with_bundle(environment, arguments.bundle)
    local = platform(arguments.app, arguments.layers, environment, option=arguments.directory)
    if arguments.html:
        return _write_page(local, arguments, log)
    with usual_modes():
        # The list of this machine's interpreters is cached.
        explanation = local.explain(exec_env=arguments.exec_env)
    if arguments.json:
        log.json(explanation.as_json())
    else:
        show(explanation, log)
    return 0


def _write_page(local: LocalPlatform, arguments: Namespace, log: Log) -> int:
    from layerwright.cli.page.document import GENERATOR, page
    from layerwright.cli.page.writing import check_place, write_document

    file = None if arguments.html == "-" else Path(arguments.html)
    if file is not None:
        check_place(file, GENERATOR, option="--html", words="a page that `layerwright explain --html` wrote")
    with usual_modes():
        shown = page(local.explain(exec_env=arguments.exec_env), local.app / local.script)
    if file is None:
        log.line(shown.removesuffix("\n"))
    else:
        write_document(file, shown, option="--html")
        log.line(f"Wrote {file}")
    return 0


def show(explanation: Explanation, log: Log) -> None:
    """Print *explanation* as text."""
    prepared = explanation.prepared
    if explanation.recovers:
        log.line(
            "The last build was interrupted or is still running; the next one starts from the last complete build."
        )
    if explanation.choice is not None:
        log.heading("Application directory")
        log.note(explanation.choice.words)
    log.heading("Package manager")
    log.note(f"{prepared.manager.display_name}, because {prepared.reason}")
    for words in prepared.words:
        log.note(words)
    log.heading("Python")
    for line in prepared.python_words:
        log.note(line)
    for warning in prepared.python_warnings:
        log.warning(warning)
    policy = prepared.configuration.policy
    if policy is not None:
        from layerwright.build.policy.refusal import policy_words

        log.heading("Policy")
        for line in policy_words(policy, prepared.today):
            log.note(line)
        for words in explanation.refused:
            log.warning(words)
    for layer in explanation.layers:
        log.heading(f"Layer {layer.spec.name} ({layer.spec.types.words})")
        log.note(f"{_FUTURE[layer.decision.action.value]}: {'; '.join(layer.decision.reasons)}")
        for name, value in {**layer.spec.inputs, **layer.spec.content_inputs}.items():
            shown = f"{value[:_DIGEST_LENGTH]}…" if value.startswith("sha256:") else value
            log.note(f"  {name}: {shown}")
        if layer.depends is not None:
            log.note(f"  depends on the patch release of Python: {', '.join(layer.depends) or 'nothing'}")
    if explanation.dropped:
        log.heading("Layers to remove")
        log.note(", ".join(explanation.dropped))
    log.heading("Launch environment")
    for name, value in explanation.launch_environment.items():
        log.note(f"{name}={value}")
    log.heading("Processes")
    for process, origin in explanation.processes:
        mark = " (default)" if process.default else ""
        log.note(f"{process.type}{mark}: {text_of((*process.command, *process.args))}  [{origin}]")
    if not explanation.processes:
        log.note("none: neither the configuration nor the Procfile defines one, and no plugin proposes one")
    tell_not_proposed(explanation.not_proposed, log)
    if explanation.post_install:
        log.heading("After the install")
        for command, label in explanation.post_install:
            log.note(f"$ {command.words}  [{label}]")
    if explanation.basis:
        log.heading("What plugins add" if explanation.expected else "Not known before the build")
        log.note(explanation.basis)
    for warning in explanation.warnings:
        log.warning(warning)
