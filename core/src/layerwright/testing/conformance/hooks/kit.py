"""The conformance kit for plugins that are not package managers, as a class of tests to derive from."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from layerwright.testing.conformance._asking import (
    DESCRIBES,
    Applicable,
    in_another_process,
    left_to_one_check,
    refuse_mistakes,
)
from layerwright.testing.conformance._doing import DoingChecks
from layerwright.testing.conformance._source import SourceChecks
from layerwright.testing.conformance.hooks._commands import HookCommandChecks
from layerwright.testing.conformance.hooks._inputs import HookInputChecks
from layerwright.testing.conformance.hooks._observe import MODULE, HookQuestion
from layerwright.testing.conformance.hooks._subject import HookSubject
from layerwright.testing.conformance.hooks._values import HookValueChecks

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from layerwright.testing.applications import Application
    from layerwright.testing.conformance.trial.observe import Observed

__all__ = ["HookConformance", "observe_hooks"]

_YOURS: Final = frozenset(
    {"application", "distributions", "not_applicable", "plugin", "samples", "secrets", "settings"}
)


class HookConformance(
    HookValueChecks, DoingChecks, HookInputChecks, HookCommandChecks, SourceChecks, Applicable
):
    """The tests of a plugin's hooks; derive from it, and define ``plugin`` and ``application``.

    A subclass cannot redefine a check. To skip one that does not apply, add it to ``not_applicable`` with the reason.
    """

    plugin: ClassVar[object]
    """The name of its entry point, or the module or object with the hooks: then its metadata is not checked."""

    distributions: ClassVar[Collection[str]] = ()
    """The names of the distributions that are installed in the application's environment."""

    settings: ClassVar[Mapping[str, object]] = {}
    """The table of the plugin in the application's configuration."""

    samples: ClassVar[Mapping[str, object]] = {}
    """A value to try for a setting, by its key, if the kit cannot know one."""

    secrets: ClassVar[Collection[str]] = ()
    """Names of variables, such as ``ACME_PASSWORD``, and keys of settings that hold a password or a token."""

    not_applicable: ClassVar[Mapping[str, str]] = {}
    """The reason why a check does not apply, by the name of its test."""

    @staticmethod
    def application(app: Application) -> None:
        """Write the files of an application to which the plugin adds something."""
        raise NotImplementedError

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if not hasattr(cls, "plugin"):
            raise TypeError(f'{cls.__name__} needs an attribute: plugin = "…", the name of its entry point')
        if cls.application is HookConformance.application:
            raise TypeError(
                f"{cls.__name__} needs a static method application(app) that writes an application"
            )
        refuse_mistakes(cls, _OURS)

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest, tmp_path: Path) -> HookSubject:
        """Return the plugin, with its own application.

        If its hooks cannot be called at all, one check reports why, and the others are skipped.
        """
        if DESCRIBES in (request.function.__name__, *self.not_applicable):
            return self._subject(tmp_path / "subject")
        with left_to_one_check():
            subject = self._subject(tmp_path / "subject")
            subject.describe()
        return subject

    @pytest.fixture
    def observed(self, subject: HookSubject, tmp_path: Path) -> Observed:
        """Return what the hooks return in another process, and what that process did meanwhile."""
        return observe_hooks(subject, tmp_path)

    def _subject(self, root: Path) -> HookSubject:
        return HookSubject.of(
            self.plugin,
            self.application,
            root,
            distributions=tuple(self.distributions),
            configured=dict(self.settings),
            secrets=tuple(self.secrets),
            samples=dict(self.samples),
        )


def observe_hooks(subject: HookSubject, directory: Path) -> Observed:
    """Call the hooks of *subject* for its application, in another process that runs in *directory*."""
    question = HookQuestion(
        subject.given, subject.app, subject.home, subject.distributions, subject.configured
    )
    return in_another_process(MODULE, question, directory)


_OURS: Final = {
    name: inspect.getattr_static(HookConformance, name)
    for name in dir(HookConformance)
    if not name.startswith("__") and name not in _YOURS
}
