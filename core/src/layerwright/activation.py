"""The state of the shell that a build is started in, which is nobody's wish for the build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["without_activation"]

_ACTIVATION: Final = frozenset({"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "__PYVENV_LAUNCHER__", "PYTHONSTARTUP"})


def without_activation(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* without what an activated virtual environment, for one, leaves in it."""
    return {name: value for name, value in environment.items() if name not in _ACTIVATION}
