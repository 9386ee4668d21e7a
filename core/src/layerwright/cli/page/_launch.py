"""The launch of an application: where commands are found, its environment, its processes."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from layerwright.build.report import not_proposed_words
from layerwright.cli.page._layers import kind, pairs
from layerwright.cli.page._markup import code, element, joined
from layerwright.process.shell.process_command import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.explain import ExplainedLayer, Explanation
    from layerwright.cli.page._markup import Markup
    from layerwright.config.processes import FoundProcess

__all__ = ["launch_section", "plugins_section"]


def launch_section(explanation: Explanation) -> Markup:
    """Return the section about the launch of the application of *explanation*."""
    variables = {k: v for k, v in explanation.launch_environment.items() if k != "PATH"}
    path = explanation.launch_environment.get("PATH", "")
    return element(
        "section",
        element("h2", "Launch"),
        element("h3", "Processes"),
        *(_process(found) for found in explanation.processes),
        None if explanation.processes else element("p", _NO_PROCESS, class_="empty"),
        *(_lines(not_proposed_words(one, label)) for one, label in explanation.not_proposed),
        element("h3", "PATH"),
        element("p", "A command is looked for in these directories, in this order.", class_="hint"),
        element(
            "ol",
            *(
                element("li", _place(directory, explanation.layers))
                for directory in filter(None, path.split(":"))
            ),
            element("li", "the ", code("PATH"), " of the image"),
            class_="path",
        ),
        element("h3", "Environment"),
        pairs(
            (_variable(name, value, explanation.layers), code(value or "(empty)"))
            for name, value in variables.items()
        ),
        id="launch",
    )


_NO_PROCESS = "None: neither the configuration nor a Procfile defines one, and no plugin proposes one."


def plugins_section(explanation: Explanation) -> Markup | None:
    """Return the section about what plugins add, ``None`` if there is nothing to say."""
    if not (explanation.post_install or explanation.basis):
        return None
    return element(
        "section",
        element("h2", "What plugins add"),
        element("p", explanation.basis) if explanation.basis else None,
        element("h3", "Commands after the install") if explanation.post_install else None,
        *(
            element("figure", element("pre", code(command.words)), element("figcaption", label))
            for command, label in explanation.post_install
        ),
        id="plugins",
    )


def _process(found: FoundProcess) -> Markup:
    process = found.process
    return element(
        "figure",
        element(
            "h4",
            code(process.type),
            " ",
            element("span", "default", class_="flag") if process.default else None,
        ),
        element("pre", code(text_of((*process.command, *process.args)))),
        element(
            "figcaption",
            f"in {process.working_directory}; " if process.working_directory else None,
            found.origin,
        ),
        class_="process",
    )


def _place(directory: str, layers: Iterable[ExplainedLayer]) -> Markup:
    for layer in layers:
        if PurePath(directory).is_relative_to(layer.path):
            relative = PurePath(directory).relative_to(layer.path.parent)
            return joined(
                (
                    element("span", class_=f"swatch {kind(layer.spec.name)}", aria_hidden="true"),
                    code(str(relative)),
                )
            )
    return code(directory)


def _variable(name: str, value: str, layers: Iterable[ExplainedLayer]) -> Markup:
    by = [
        layer.spec.name
        for layer in layers
        if layer.spec.types.launch
        and (f"{layer.path}/" in f"{value}/" or any(entry.name == name for entry in layer.spec.env.entries))
    ]
    return joined((code(name), element("span", f"by {' and '.join(by)}", class_="note") if by else None))


def _lines(words: str) -> Markup:
    return element("p", *_broken(words), class_="empty")


def _broken(words: str) -> Iterable[str]:
    for line in words.split("\n"):
        yield element("span", line, class_="line")
