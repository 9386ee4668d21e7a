"""The page of an explanation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import __version__
from layerwright.cli.page._changes import changes_section
from layerwright.cli.page._launch import after_install_section, launch_section, plugins_section
from layerwright.cli.page._layers import layers_section, pairs
from layerwright.cli.page._markup import code, element, joined, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.explain import Explanation
    from layerwright.cli.page._markup import Markup

__all__ = ["GENERATOR", "page"]

GENERATOR: Final = "layerwright explain"
"""Begins the value of ``generator``, which tells a page from other files."""

_STYLE: Final = Path(__file__).with_name("page.css")
# The browser loads and runs nothing, even if something in the page asked for it.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_ACTIONS: Final = ("create", "update", "keep")


def page(explanation: Explanation, application: Path) -> str:
    """Return *explanation*, of *application*, as an HTML document; equal explanations give equal ones."""
    name = application.name or str(application)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="generator", content=f"{GENERATOR} {__version__}"),
        element("title", f"{name}: what a build would do"),
        element("style", verbatim(_STYLE.read_text(encoding="utf-8"))),
    )
    body = element(
        "body",
        _header(explanation, application, name),
        element(
            "main",
            _warnings(explanation),
            layers_section(explanation),
            changes_section(explanation),
            launch_section(explanation),
            after_install_section(explanation),
            plugins_section(explanation),
        ),
        element("footer", element("p", "Explained, not built, by ", code(f"layerwright {__version__}"), ".")),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _header(explanation: Explanation, application: Path, name: str) -> Markup:
    prepared = explanation.prepared
    candidate = prepared.candidate
    return element(
        "header",
        element("h1", name),
        element("p", _summary(explanation), class_="lead"),
        pairs(
            (
                (
                    "Application",
                    joined(
                        (
                            code(str(application)),
                            element("span", explanation.choice.words, class_="note")
                            if explanation.choice
                            else None,
                        )
                    ),
                ),
                (
                    "Package manager",
                    joined(
                        (
                            element("strong", prepared.manager.display_name),
                            f", because {prepared.reason}",
                            *(element("span", words, class_="note") for words in prepared.words),
                        )
                    ),
                ),
                (
                    "Python",
                    joined(
                        (
                            element("strong", f"Python {candidate.version}"),
                            f" from {candidate.provider}: {candidate.origin}",
                            *(element("span", line, class_="note") for line in prepared.python_words[1:]),
                        )
                    ),
                ),
                ("Layers directory", code(str(explanation.layers[0].path.parent))),
            )
        ),
    )


def _summary(explanation: Explanation) -> str:
    found = [layer.decision for layer in explanation.layers]
    undecided = sum(one.resolves for one in found)
    settled = [one.action.name.lower() for one in found if not one.resolves]
    parts = [_counted(f"{action} {{}}", settled.count(action)) for action in _ACTIONS if action in settled]
    if len(parts) == 1 and not undecided:
        parts = [f"{settled[0]} all {len(settled)} layers"]
    if undecided:
        parts.append(_counted("decide about {} after a resolution", undecided))
    if explanation.dropped:
        parts.append(_counted("remove {}", len(explanation.dropped)))
    *others, last = parts
    before = f"{', '.join(others)} and " if others else ""
    return f"A build would {before}{last}."


def _counted(words: str, count: int) -> str:
    return words.format("1 layer" if count == 1 else f"{count} layers")


def _warnings(explanation: Explanation) -> Markup | None:
    warnings = [*explanation.prepared.python_warnings, *explanation.warnings]
    if explanation.recovers:
        warnings.insert(0, _RECOVERS)
    if not warnings:
        return None
    return element(
        "section",
        element("h2", "Warning" if len(warnings) == 1 else "Warnings"),
        element("ul", *(element("li", *_lines(warning)) for warning in warnings)),
        class_="warnings",
    )


def _lines(text: str) -> Iterable[Markup]:
    for line in text.split("\n"):
        yield element("span", line, class_="line")


_RECOVERS: Final = (
    "The last build was interrupted or is still running; the next one starts from the last complete build."
)
