"""The layers of an explanation: drawn to size, and each with everything that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.changes.touched import after_change
from layerwright.build.layers.commands import COMMAND
from layerwright.cli.page._markup import code, element, joined
from layerwright.cnb.layers.layer_env import Action, Scope
from layerwright.output.words import bytes_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.build.changes.since import Difference
    from layerwright.build.explain import ExplainedLayer, Explanation
    from layerwright.cli.page._markup import Markup
    from layerwright.cnb.layers.layer_env import Modification

__all__ = ["kind", "layers_section", "pairs"]

_SCOPES: Final = {Scope.ALL: "build and launch", Scope.BUILD: "build", Scope.LAUNCH: "launch"}
_MODIFICATIONS: Final = {
    Action.APPEND: "after the value that it has",
    Action.DEFAULT: "unless it is set",
    Action.OVERRIDE: "always",
    Action.PREPEND: "before the value that it has",
}

_TYPES: Final = "build: for the commands of the build; launch: in the image; cache: kept for the next build."
_VERBS: Final = {"created": "recreates", "updated": "updates"}


def layers_section(explanation: Explanation) -> Markup:
    """Return the section with the layers of *explanation*."""
    layers = explanation.layers
    return element(
        "section",
        element("h2", "Layers"),
        _drawing(layers),
        element("p", _TYPES, class_="hint types"),
        element("p", "Open a layer to see everything that decides it.", class_="hint open"),
        *(_layer(layer) for layer in layers),
        _dropped(explanation.dropped),
        id="layers",
    )


def kind(layer: str) -> str:
    """Return the class for the colour of *layer*; the names of layers begin with their kind."""
    return f"kind-{layer.partition('-')[0]}"


def pairs(rows: Iterable[tuple[str, str]]) -> Markup:
    """Return a list of names with their values."""
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in rows),
        class_="pairs",
    )


def _drawing(layers: Sequence[ExplainedLayer]) -> Markup:
    image = [layer for layer in layers if layer.spec.types.launch]
    rest = [layer for layer in layers if not layer.spec.types.launch]
    largest = max(sum(layer.size or 0 for layer in some) for some in (image, rest))
    unknown = [layer.spec.name for layer in layers if layer.size is None]
    if len(unknown) == len(layers):
        note = "Not built yet. After the first build, the layers are drawn here to scale."
        return element("p", note, class_="unbuilt")
    return element(
        "figure",
        _bar("In the image", image, largest),
        _bar("Not in the image", rest, largest),
        element(
            "figcaption",
            "Widths are to scale: the sizes after the last build, on disk.",
            f" Not built yet: {', '.join(unknown)}." if unknown else None,
        ),
    )


def _bar(title: str, layers: Sequence[ExplainedLayer], largest: int) -> Markup:
    sized = [(layer.spec.name, layer.size) for layer in layers if layer.size is not None]
    total = sum(size for _, size in sized)
    told = ", ".join(f"{name} {bytes_words(size)}" for name, size in sized) or "nothing"
    return joined(
        (
            element(
                "p",
                element("span", title),
                " ",
                element("span", bytes_words(total), class_="number"),
                class_="total",
            ),
            element(
                "div",
                *(
                    element("span", class_=kind(name), style=f"width:{100 * size / max(largest, 1):.3f}%")
                    for name, size in sized
                    if size
                ),
                class_="bar",
                role="img",
                aria_label=f"{title}: {told}",
            ),
        )
    )


def _layer(layer: ExplainedLayer) -> Markup:
    spec = layer.spec
    if layer.size is None:
        size = element("span", "not built yet", class_="size quiet")
    else:
        size = element("span", bytes_words(layer.size), class_="size number")
    decision = layer.decision
    action = decision.action.name.lower()
    label, style = ("resolve", "perhaps") if decision.resolves else (action, action)
    return element(
        "details",
        element(
            "summary",
            element("span", class_="swatch", aria_hidden="true"),
            element("h3", code(spec.name)),
            " ",
            size,
            " ",
            element(
                "span",
                *(element("span", word, class_="flag") for word in spec.types.words.split(", ")),
                class_="flags",
            ),
            " ",
            element("span", label, class_=f"action {style}"),
        ),
        element(
            "div",
            _reasons(action.capitalize(), decision.reasons),
            *_inputs(layer),
            *_environment(spec.env.entries),
            class_="body",
        ),
        class_=f"layer {kind(spec.name)}",
        id=f"layer-{spec.name}",
    )


def _reasons(action: str, reasons: Sequence[str]) -> Markup:
    if len(reasons) == 1:
        return element("p", element("strong", f"{action}: "), reasons[0])
    return joined(
        (
            element("p", element("strong", f"{action}:")),
            element("ul", *(element("li", reason) for reason in reasons), class_="reasons"),
        )
    )


def _inputs(layer: ExplainedLayer) -> Iterable[Markup]:
    """Yield the inputs of *layer*, those together whose changes have the same consequence, then its commands."""
    spec = layer.spec
    inputs = {**spec.inputs, **spec.content_inputs}
    differ = {one.name: one for one in layer.differences}
    groups: dict[str, list[str]] = {}
    for name in inputs:
        decision = after_change(layer, (name,))
        verb = _VERBS[decision.action.value]
        what = f": {decision.reasons[-1]}" if decision.resolves else f" {verb} the layer"
        groups.setdefault(what, []).append(name)
    for what, found in groups.items():
        shown = [name for name in found if not name.startswith(COMMAND)]
        yield element("h4", f"A change of one of these{what}")
        yield pairs((_named(name, differ.get(name)), code(inputs[name] or "(empty)")) for name in shown)
        commands = [name for name in found if name.startswith(COMMAND)]
        if commands:
            yield element("h4", "Commands")
            yield element("p", "A change of them counts as above.", class_="hint")
            yield from (
                element(
                    "figure",
                    element("figcaption", _named(name.removeprefix(COMMAND), differ.get(name))),
                    element("pre", code(inputs[name])),
                )
                for name in commands
            )
    gone = [one.name for one in layer.differences if one.now is None]
    if gone:
        yield element("p", element("strong", "No input any more: "), ", ".join(gone))


def _named(name: str, difference: Difference | None) -> Markup:
    if difference is None:
        return joined((name,))
    return joined(
        (name, " ", element("span", "new" if difference.then is None else "changed", class_="mark"))
    )


def _environment(entries: Sequence[Modification]) -> Iterable[Markup]:
    if not entries:
        return
    yield element("h4", "Environment")
    yield pairs(
        (
            joined(
                (
                    code(entry.name),
                    element("span", f"{_scope(entry.scope)}, {_MODIFICATIONS[entry.action]}", class_="note"),
                )
            ),
            code(entry.value or "(empty)"),
        )
        for entry in entries
    )


def _scope(scope: str) -> str:
    process = scope.removeprefix(f"{Scope.LAUNCH}/")
    return _SCOPES[Scope(scope)] if process == scope else f"launch of {process}"


def _dropped(names: Sequence[str]) -> Markup | None:
    if not names:
        return None
    return element("p", element("strong", "No longer needed, and removed by the build: "), ", ".join(names))
