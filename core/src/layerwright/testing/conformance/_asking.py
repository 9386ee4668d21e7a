"""The fixtures of the checks: methods of the kit's class, so that no conftest file can replace them."""

from __future__ import annotations

import inspect
import json
import os
import pickle
import subprocess
import sys
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

from layerwright.testing.conformance.trial.built import Built, Template
from layerwright.testing.conformance.trial.observe import Observed, Question
from layerwright.testing.conformance.trial.subject import Subject
from layerwright.testing.loopback.index import PackageIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from layerwright.contract.package_manager import PackageManager
    from layerwright.testing.applications import Application
    from layerwright.testing.release import Release

__all__ = [
    "DESCRIBES",
    "Applicable",
    "Asking",
    "in_another_process",
    "left_to_one_check",
    "observe",
    "refuse_mistakes",
]

DESCRIBES: Final = "test_values_are_of_the_types_of_the_contract"
_OBSERVE: Final = "layerwright.testing.conformance.trial.observe"


class Applicable:
    """Skips the checks that do not apply, and shows the reason for each."""

    if TYPE_CHECKING:
        not_applicable: ClassVar[Mapping[str, str]]

    @pytest.fixture(autouse=True)
    def _skip_what_does_not_apply(self, request: pytest.FixtureRequest) -> None:
        reason = self.not_applicable.get(request.function.__name__)
        if reason is not None:
            pytest.skip(f"not applicable: {reason}")


class Asking(Applicable):
    """The fixtures of the conformance kit."""

    if TYPE_CHECKING:
        package_manager: ClassVar[str | PackageManager]
        wheelhouse: ClassVar[Path | None]
        secrets: ClassVar[Collection[str]]
        settings: ClassVar[Mapping[str, object]]
        application: Callable[[Application, Sequence[Release], str], None]
        report: Callable[[Sequence[Release], str], str]

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
        """Return the package manager, with its own application.

        If it cannot be loaded, or cannot describe a build, one check reports this, and the others are skipped.
        """
        root = tmp_path / "subject"
        made = partial(Subject.of, secrets=self.secrets, samples=self.settings, report=self.report)
        if DESCRIBES in (request.function.__name__, *self.not_applicable):
            return made(self.package_manager, self.application, root)
        with left_to_one_check():
            subject = made(self.package_manager, self.application, root)
            subject.detect()
            subject.describe()
            subject.offline()
        return subject

    @pytest.fixture
    def observed(self, subject: Subject, tmp_path: Path) -> Observed:
        """Return how another process describes the application, and what that process did meanwhile."""
        return observe(subject, tmp_path)

    @pytest.fixture(scope="class")
    @classmethod
    def template(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
        """Build the application once for all checks of a class."""
        if not isinstance(cls.package_manager, str):
            pytest.skip("package_manager is an object: builds find a package manager by its entry point")
        if cls.wheelhouse is None or not any(cls.wheelhouse.glob("*.whl")):
            place = cls.wheelhouse or "DIRECTORY"
            command = f"python -m pip download --only-binary=:all: --dest {place} TOOL==VERSION"
            pytest.skip(f"there are no wheels of the tool; fill the attribute wheelhouse: {command}")
        root = tmp_path_factory.mktemp(f"conformance-{cls.package_manager}")
        subject = Subject.of(cls.package_manager, cls.application, root / "subject")
        with PackageIndex(page_max_age=0) as index:
            yield Template(subject.manager, cls.application, cls.wheelhouse, root, index)

    @pytest.fixture
    def built(self, template: Template) -> Built:
        """Return the application in its state after the first build."""
        return template.restored()


def refuse_mistakes(cls: type[Applicable], ours: Mapping[str, object]) -> None:
    """Raise ``TypeError`` if *cls*, an author's class, redefines one of *ours* or misspells a check."""
    application = inspect.getattr_static(cls, "application")
    if not isinstance(application, staticmethod):
        raise TypeError(f"{cls.__name__}.application must be a @staticmethod")
    changed = sorted(name for name in ours if inspect.getattr_static(cls, name) is not ours[name])
    if changed:
        raise TypeError(
            f"{cls.__name__} redefines {', '.join(changed)}, which belongs to the kit: use another name; "
            "to skip a check that does not apply, add it to not_applicable, with the reason"
        )
    checks = {name for name in ours if name.startswith("test_")}
    for name in sorted(cls.not_applicable.keys() - checks):
        near = get_close_matches(name, checks, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise TypeError(f"{cls.__name__}.not_applicable names {name}, which is not a check{hint}")


@contextmanager
def left_to_one_check() -> Iterator[None]:
    """Skip the running check if the plugin cannot describe a build: another check reports why."""
    try:
        yield
    except pytest.fail.Exception:
        pytest.skip(f"the plugin cannot describe a build of its application: {DESCRIBES} says why")


def observe(subject: Subject, directory: Path) -> Observed:
    """Describe a build in another process, which runs in *directory* with its own home and hash seed."""
    own = tuple(sorted({str(path.parent) for path in subject.sources}))
    question = Question(subject.given, subject.app, subject.environment, own)
    return in_another_process(_OBSERVE, question, directory)


def in_another_process(module: str, question: object, directory: Path) -> Observed:
    """Return the answer of *module*, which runs in *directory* with its own home and hash seed."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", module],
        input=pickle.dumps(question),
        # Make everything importable there that is importable here.
        env={
            **os.environ,
            "HOME": str(directory),
            "PYTHONHASHSEED": "1",
            "PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path))),
        },
        cwd=directory,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"Describing a build in another process failed:\n{done.stderr.decode()}", pytrace=False)
    values, events = json.loads(done.stdout.splitlines()[-1])
    return Observed(values, [(kind, what) for kind, what in events])
