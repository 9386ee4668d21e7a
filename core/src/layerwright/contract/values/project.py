"""The values with which a package manager claims an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from layerwright.contract.values.settings import S
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from layerwright.files.project import Project

__all__ = ["Detection", "ProjectRequest"]


@frozen
class Detection:
    """A claim: the application is this package manager's."""

    evidence: str
    """The existing file that shows it, relative to the application directory."""

    fallback: bool = False
    """Whether it counts only if no other package manager claims the application."""


@frozen
class ProjectRequest(Generic[S]):
    """The facts before an interpreter is chosen."""

    project: Project
    """The application."""

    settings: S
    """The settings of the package manager, checked."""
