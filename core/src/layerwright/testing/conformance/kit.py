"""The conformance kit: the rules for every package manager, as a class of tests to derive from.

There are two tiers. The pure tier asks the package manager for values, and takes milliseconds. The real tier, whose
tests have the marker ``real``, builds applications with the real tool from a package index on loopback.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar, Final

from layerwright.contract.package_manager import PackageManager
from layerwright.testing.conformance._asking import Asking, refuse_mistakes
from layerwright.testing.conformance._claims import ClaimChecks
from layerwright.testing.conformance._commands import CommandChecks
from layerwright.testing.conformance._doing import DoingChecks
from layerwright.testing.conformance._inputs import InputChecks
from layerwright.testing.conformance._installs import InstallChecks
from layerwright.testing.conformance._secrets import SecretChecks
from layerwright.testing.conformance._source import SourceChecks
from layerwright.testing.conformance._surroundings import SurroundingsChecks
from layerwright.testing.conformance._values import ResolutionChecks, ValueChecks
from layerwright.testing.conformance.sources.archives import ArchiveChecks
from layerwright.testing.conformance.sources.indexes import IndexChecks, PolicyChecks

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from layerwright.testing.applications import Application
    from layerwright.testing.release import Release

__all__ = ["PackageManagerConformance"]

_YOURS: Final = frozenset(
    {"application", "not_applicable", "package_manager", "report", "secrets", "settings", "wheelhouse"}
)


class PackageManagerConformance(
    ClaimChecks,
    ValueChecks,
    DoingChecks,
    InputChecks,
    ResolutionChecks,
    ArchiveChecks,
    CommandChecks,
    IndexChecks,
    PolicyChecks,
    SecretChecks,
    SourceChecks,
    InstallChecks,
    SurroundingsChecks,
    Asking,
):
    """The tests of a package manager; derive from it, and define ``package_manager`` and ``application``.

    A subclass cannot redefine a check. To skip one that does not apply, add it to ``not_applicable`` with the reason.
    """

    package_manager: ClassVar[str | PackageManager]
    """The name of its entry point, or the object itself: then there are no checks of metadata and no real builds."""

    wheelhouse: ClassVar[Path | None] = None
    """A directory with the wheels of the tool and all its requirements, for the real tier."""

    secrets: ClassVar[Collection[str]] = ()
    """Names of variables that hold a password or a token of the tool, such as ``ACME_PASSWORD``."""

    settings: ClassVar[Mapping[str, object]] = {}
    """A value to try for a setting, by its key, if the kit cannot know one: a checked value, or a file name."""

    not_applicable: ClassVar[Mapping[str, str]] = {}
    """The reason why a check does not apply, by the name of its test."""

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        """Write an application, including its lock file, that has exactly *releases* from *index*.

        *index* is the URL of a package index (PEP 503). The kit calls this again for the same application, with other
        releases.
        """
        raise NotImplementedError

    @staticmethod
    def report(releases: Sequence[Release], index: str) -> str:
        """Return what the command of a :class:`Resolution` reports for *releases* from *index*.

        Only a package manager that returns a :class:`Resolution` needs it.
        """
        raise NotImplementedError

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if not isinstance(getattr(cls, "package_manager", None), str | PackageManager):
            raise TypeError(
                f'{cls.__name__} needs an attribute: package_manager = "…", the name of its entry point'
            )
        if cls.application is PackageManagerConformance.application:
            raise TypeError(
                f"{cls.__name__} needs a static method application(app, releases, index) that writes an application"
            )
        refuse_mistakes(cls, _OURS)


_OURS: Final = {
    name: inspect.getattr_static(PackageManagerConformance, name)
    for name in dir(PackageManagerConformance)
    if not name.startswith("__") and name not in _YOURS
}
