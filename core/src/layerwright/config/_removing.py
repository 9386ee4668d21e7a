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

    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
    key = (*FILES[file], *key)
    try:
        document = tomlkit.parse(text.replace("\r\n", "\n") if crlf else text)
        _remove(document, key)
        changed = tomlkit.dumps(document)
        safe = _pruned(tomllib.loads(changed), key) == _without(tomllib.loads(text), key)
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


def _remove(table: Any, key: Key) -> None:
    name, *rest = key
    if rest:
        _remove(table[name], tuple(rest))
        if len(table[name]) or _has_comments(table[name]):
            return
    del table[name]


def _has_comments(table: Any) -> bool:
    from tomlkit.items import Comment

    # A table in several parts has none: tomlkit removes each part as it becomes empty.
    trivia, body = getattr(table, "trivia", None), getattr(getattr(table, "value", None), "body", ())
    return bool(trivia and trivia.comment) or any(isinstance(item, Comment) for _, item in body)


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
