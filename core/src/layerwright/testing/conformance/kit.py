"""The conformance kit: what every package manager must keep to, as a class of tests to derive from.

There are two tiers. The pure one asks the package manager for values, and takes milliseconds. The real one, whose
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
    CommandChecks,
    SecretChecks,
    SourceChecks,
    InstallChecks,
    SurroundingsChecks,
    Asking,
):
    """The tests of a package manager; derive from it, and give it the two attributes without a value.

    A check cannot be redefined. One that does not apply is named in ``not_applicable`` with the reason, and is then
    a skip that shows it.
    """

    package_manager: ClassVar[str | PackageManager]
    """The name of its entry point; or itself, for which there is no check of its metadata and no real build."""

    wheelhouse: ClassVar[Path | None] = None
    """A directory with the wheels of the tool and of all that it needs, for the real tier."""

    secrets: ClassVar[Collection[str]] = ()
    """Names of variables that hold a password or a token of the tool, such as ``ACME_PASSWORD``."""

    settings: ClassVar[Mapping[str, object]] = {}
    """A value to try of a setting, by its key, where the kit cannot know one: of a check of its own, or a file's."""

    not_applicable: ClassVar[Mapping[str, str]] = {}
    """The reason why a check does not apply, by the name of its test."""

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        """Write an application, its lock file included, that is to have exactly *releases* from *index*.

        *index* is the URL of a package index (PEP 503). It is called again with other releases for one application.
        """
        raise NotImplementedError

    @staticmethod
    def report(releases: Sequence[Release], index: str) -> str:
        """Return what the command of a :class:`Resolution` reports of *releases* from *index*; only for that."""
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
