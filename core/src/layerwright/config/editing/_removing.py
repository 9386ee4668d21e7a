"""Removes one key from the text of a configuration file, and the tables that are then empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.config.sources import FILES
from layerwright.errors import UserError

if TYPE_CHECKING:
    from layerwright.config.sources import Key

__all__ = ["removed"]


def removed(text: str, file: str, key: Key) -> str:
    """Return *text*, the text of *file*, without *key*, which it has, and everything else unchanged.

    Tables that are then empty are removed as well, unless they have comments. ``UserError``: it is not possible
    without another change.
    """
    import tomllib

    from tomlkit.exceptions import TOMLKitError

    crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
    key = (*FILES[file], *key)
    try:
        before = text.replace("\r\n", "\n") if crlf else text
        changed, own = _deleted(before, key)
        # The library loses comments beside the key if the parts of its table are scattered.
        safe = before.count("#") - changed.count("#") <= own.count("#")
        changed = _without_empty_tables(changed, key)
        safe = safe and _pruned(tomllib.loads(changed), key) == _without(tomllib.loads(text), key)
    except (TOMLKitError, ValueError):
        safe = False
    if not safe:
        raise UserError(
            f"{file} could not be edited safely.",
            cause="Its layout is not one that can be preserved.",
            remedy=f"Edit it by hand: remove {'.'.join(key)}.",
            reference="uneditable-file",
        )
    return changed.replace("\n", "\r\n") if crlf else changed


def _without_empty_tables(text: str, key: Key) -> str:
    import tomllib

    for depth in range(len(key) - 1, 0, -1):
        *above, name = key[:depth]
        table: Any = tomllib.loads(text)
        for each in above:
            table = table.get(each, {})
        if name not in table:
            # It has no header.
            continue
        without, _ = _deleted(text, key[:depth])
        if table[name] or without.count("#") < text.count("#"):
            break
        text = without
    return text


def _deleted(text: str, key: Key) -> tuple[str, str]:
    """Return *text* without *key*, and the text of its value with its comment."""
    import tomlkit

    document = tomlkit.parse(text)
    table: Any = document
    for name in key[:-1]:
        table = table[name]
    # Only a container has booleans with their comments; a scattered table has none.
    container = getattr(table, "value", table)
    item = container.item(key[-1]) if hasattr(container, "item") else table[key[-1]]
    own = f"{item.as_string()}{item.trivia.comment}" if hasattr(item, "as_string") else str(item)
    del table[key[-1]]
    return tomlkit.dumps(document), own


def _without(tree: Any, key: Key) -> Any:
    name, *rest = key
    if not rest:
        return {other: value for other, value in tree.items() if other != name}
    return _pruned({**tree, name: _without(tree[name], tuple(rest))}, key[:1])


def _pruned(tree: Any, key: Key) -> Any:
    """Return *tree* without the empty tables on the path *key*."""
    if not key or key[0] not in tree:
        return tree
    below = _pruned(tree[key[0]], key[1:])
    rest = {name: value for name, value in tree.items() if name != key[0]}
    return rest if below == {} else {**tree, key[0]: below}
