"""Expands the words of a command from its declaration and the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.plugins.declarative._model import names_in
from layerwright.plugins.declarative._placeholders import VALUE, filled
from layerwright.plugins.declarative._settings import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from layerwright.plugins.declarative._model import Conditional, Word

__all__ = ["expanded"]


def expanded(
    words: Iterable[Word], settings: Any, exec_env: str = "", values: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return *words* for *settings* and *exec_env*, with placeholders replaced by *values*.

    Without *values* only placeholders for settings are filled: the result is the same wherever it is built.
    """
    return tuple(_expanded(words, settings, exec_env, values or {}))


def _expanded(
    words: Iterable[Word], settings: Any, exec_env: str, values: Mapping[str, str]
) -> Iterator[str]:
    for word in words:
        if isinstance(word, str):
            yield filled(word, values)
        elif _holds(word, settings, exec_env):
            for each in _each(word, settings):
                yield from (filled(text, {**values, **each}) for text in word.words)


def _holds(word: Conditional, settings: Any, exec_env: str) -> bool:
    return (
        all(getattr(settings, attribute(name)) for name in names_in(word.if_))
        and not any(getattr(settings, attribute(name)) for name in names_in(word.unless))
        and word.if_exec_env in (None, exec_env)
        and (word.unless_exec_env is None or word.unless_exec_env != exec_env)
    )


def _each(word: Conditional, settings: Any) -> list[dict[str, str]]:
    if word.each is None:
        return [{}]
    found = getattr(settings, attribute(word.each)) or ()
    return [{VALUE: value} for value in names_in(found)]
