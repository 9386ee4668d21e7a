"""The Poetry plugins to install beside Poetry, from the settings and from ``pyproject.toml``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layerwright import UserError, normalised_name
from layerwright_poetry.constraint import specifier
from layerwright_poetry.files import PYPROJECT, poetry_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import Project

__all__ = ["poetry_plugins"]


def poetry_plugins(project: Project, configured: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements (PEP 508) of the Poetry plugins to install.

    These are the *configured* ones, and those of ``[tool.poetry.requires-plugins]`` that are not configured.
    """
    required = poetry_table(project).get("requires-plugins")
    names = {_name(requirement) for requirement in configured}
    others = required.items() if isinstance(required, dict) else ()
    return (*configured, *(_requirement(name, wanted) for name, wanted in others if _name(name) not in names))


def _name(requirement: str) -> str:
    return normalised_name(re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0])


def _requirement(name: str, wanted: object) -> str:
    constraint = (
        wanted.get("version") if isinstance(wanted, dict) and wanted.keys() == {"version"} else wanted
    )
    found = specifier(constraint) if isinstance(constraint, str) else None
    if found is None:
        raise UserError(
            f"The Poetry plugin {name} cannot be installed as {PYPROJECT} requires it.",
            cause=f"tool.poetry.requires-plugins.{name} is {wanted}, which is not a plain version constraint.",
            remedy="Add it as a requirement (PEP 508) to `with` in [tool.layerwright.poetry], which takes precedence.",
            reference="requires-plugins",
        )
    return f"{name}{found}"
