"""Whether a layer that was made with one patch release of Python is what another one would make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from layerwright.output.words import some_words

__all__ = ["BYTECODE", "DEPENDS", "MADE_WITH", "PatchChange", "patch_change"]

MADE_WITH: Final = "python"
"""The key in layer metadata for the exact version of Python."""

BYTECODE: Final = "bytecode"
"""The key in layer metadata for the format of its bytecode, a magic number."""

DEPENDS: Final = "depends-on-python-patch"
"""The key in layer metadata for what depends on it: by words for the log, the specifier, empty for every patch."""


class PatchChange(NamedTuple):
    """The change to another patch release, as text, and what of the layer depends on it, as text; empty if nothing."""

    words: str
    because: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The change as a reason of a decision."""
        if not self.because:
            return f"{self.words}: nothing that is installed depends on it"
        return f"{self.words}: {some_words(self.because)}"


def patch_change(metadata: Mapping[str, object], now: str, *, resolves: bool) -> PatchChange | None:
    """Return the change since the build of *metadata* to the version *now*; ``None`` if it is the same.

    Both are of one minor version: another one is a change of inputs. If the package manager *resolves* before the layer
    is kept, it compares versions itself.
    """
    then = metadata.get(MADE_WITH)
    if not now or then == now:
        return None
    words = f"Python {then} → {now}"
    recorded = metadata.get(DEPENDS)
    if not isinstance(then, str) or not isinstance(recorded, Mapping):
        return PatchChange(words, ("it is not recorded what depends on it",))
    # A build with nothing changed does not import it.
    from layerwright.build.patches._specifiers import separates

    counted = {str(who): str(s) for who, s in recorded.items() if not (resolves and s)}
    return PatchChange(words, tuple(who for who, s in counted.items() if separates(s, then, now)))
