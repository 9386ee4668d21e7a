"""The launch of an application: where commands are found, its environment, its processes."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from layerwright.build.report import not_proposed_words
from layerwright.cli.page._layers import kind, pairs
from layerwright.cli.page._markup import code, element, joined
from layerwright.process.shell.process_command import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.explain import ExplainedLayer, Explanation
    from layerwright.cli.page._markup import Markup
    from layerwright.config.processes import FoundProcess

__all__ = ["after_install_section", "launch_section", "plugins_section"]

_NO_PROCESS: Final = "None: neither the configuration nor a Procfile defines one, and no plugin proposes one."
_SEARCHED: Final = "Commands are looked for in this order. Each directory begins with the name of its layer."


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
        element("p", _SEARCHED, class_="hint"),
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


def after_install_section(explanation: Explanation) -> Markup | None:
    """Return the section about commands after the installation, ``None`` if there are none."""
    if not explanation.post_install:
        return None
    return element(
        "section",
        element("h2", "After the install"),
        element("p", "These commands run in every build.", class_="hint"),
        *(
            element("figure", element("pre", code(command.words)), element("figcaption", label))
            for command, label in explanation.post_install
        ),
        id="after-install",
    )


def plugins_section(explanation: Explanation) -> Markup | None:
    """Return the section about what plugins add, ``None`` if it is known for certain."""
    if not explanation.basis:
        return None
    title = "What plugins add" if explanation.expected else "Not known before the build"
    return element("section", element("h2", title), element("p", explanation.basis), id="plugins")


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
