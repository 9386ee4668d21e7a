"""What a change after the build would touch, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.changes.touched import what_changes_touch
from layerwright.cli.page._layers import kind
from layerwright.cli.page._markup import code, element, joined

if TYPE_CHECKING:
    from layerwright.build.changes.touched import Change
    from layerwright.build.explain import Explanation
    from layerwright.cli.page._markup import Markup

__all__ = ["changes_section"]

_HINT: Final = (
    "Compared with the explained build, once it is complete. Each layer above lists all of its inputs."
)
_HEADER: Final = ("If this changes", "the next build touches", "and keeps")


def changes_section(explanation: Explanation) -> Markup:
    """Return the section about changes after the build of *explanation*."""
    changes = what_changes_touch(explanation)
    return element(
        "section",
        element("h2", "What a change would touch"),
        element("p", _HINT, class_="hint"),
        element(
            "table",
            # On a narrow screen the style changes how cells are displayed, which would remove their roles.
            element("thead", element("tr", *map(_head, _HEADER), role="row"), role="rowgroup"),
            element("tbody", *map(_row, changes), role="rowgroup"),
            role="table",
            class_="changes",
        ),
        id="changes",
    )


def _head(words: str) -> Markup:
    return element("th", words, scope="col", role="columnheader")


def _row(change: Change) -> Markup:
    if change.files:
        what = joined(map(code, change.files), ", ")
    else:
        what = joined((change.what[0].upper() + change.what[1:],))
    touched, kept = [], []
    for name, decision in change.decisions.items():
        action = decision.action.value
        if decision.resolves:
            touched.append(_touched(name, "perhaps", "perhaps", decision.reasons[-1]))
        elif action == "kept":
            kept.append(code(name))
        else:
            touched.append(_touched(name, action, action))
    return element(
        "tr",
        element("th", what, scope="row", role="rowheader"),
        element("td", joined(touched) or "nothing", role="cell", data_label=_HEADER[1]),
        element("td", joined(kept, ", ") or "nothing", role="cell", data_label=_HEADER[2]),
        role="row",
    )


def _touched(layer: str, style: str, action: str, more: str = "") -> Markup:
    return element(
        "span",
        element("span", class_=f"swatch {kind(layer)}", aria_hidden="true"),
        code(layer),
        " ",
        element("span", action, class_=f"action {style}"),
        element("span", more, class_="note") if more else None,
        class_="touched",
    )
