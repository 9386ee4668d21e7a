"""The inputs of a layer that differ from the last build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.layers.commands import COMMAND, change_of_command
from layerwright.build.layers.published import label, published

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Difference", "differences"]

_DIGEST: Final = "sha256:"


class Difference(NamedTuple):
    """An input that differs, with its values as layer metadata has them; ``None``: there was none, or is none now."""

    name: str
    then: str | None
    now: str | None

    @property
    def words(self) -> str:
        """The difference as text for the log."""
        name, then, now = self
        if then is None:
            return f"{name} is new"
        if now is None:
            return f"{name} is gone"
        if now.startswith(_DIGEST) or then.startswith(_DIGEST):
            return f"{name} changed"
        if name.startswith(COMMAND):
            return change_of_command(name, then, now)
        return f"{name}: {then} → {now}"


def differences(before: object, now: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return the differences between two sets of inputs; the one of layer metadata, *before*, may be damaged."""
    then = before if isinstance(before, dict) else {}
    names = {label(name): name for name in now}
    known = published(now)
    return tuple(
        Difference(names.get(key, key), _text(then.get(key)), known.get(key))
        for key in (*known, *(k for k in then if k not in known))
        if then.get(key) != known.get(key)
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
