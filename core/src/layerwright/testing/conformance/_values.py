"""Checks of the values that a package manager returns, and of its settings."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Final, cast, get_args, get_origin, get_type_hints

import pytest

from layerwright.build.wheels.pins import pins
from layerwright.config.models import ToolSettings
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Resolved, resolution_of
from layerwright.plugins.blame import blaming, checked_value
from layerwright.testing.conformance.trial.canonical import flattened
from layerwright.testing.conformance.trial.describing import PYTHON
from layerwright.testing.conformance.trial.subject import INDEX
from layerwright.testing.conformance.trial.verdict import changes, fail, told

if TYPE_CHECKING:
    from layerwright.testing.conformance.trial.observe import Observed
    from layerwright.testing.conformance.trial.subject import Subject

__all__ = ["ResolutionChecks", "ValueChecks", "mutable"]

_INSTALLED: Final = ("acme", "base", "distribute", "extra", "pip", "setuptools", "wheel")
_MUTABLE: Final = (list, dict, set)


class ValueChecks:
    """Values are plain, frozen and the same every time."""

    def test_values_are_of_the_types_of_the_contract(self, subject: Subject) -> None:
        """Values are tuples, mappings of strings, commands and other types of the contract."""
        # Every other check needs these values, and is skipped if they are wrong. This check reports why.
        subject.detect()
        subject.describe()
        subject.expects()
        subject.offline()

    def test_describing_twice_gives_equal_values(self, subject: Subject) -> None:
        """A second call returns the same values."""
        first, second = (flattened(subject.describe()) for _ in range(2))
        if first != second:
            fail(
                "Called twice for the same application, it returns different values.",
                why="Core compares them to decide what to keep: a difference causes a rebuild every time.",
                instead="compute values only from the request: no clock, no random number, no counter.",
                shown=changes(first, second),
            )

    def test_another_process_describes_the_same(self, subject: Subject, observed: Observed) -> None:
        """A process with another hash seed, home directory and working directory returns the same values."""
        here = flattened([subject.detect(), *subject.describe()])
        if here != observed.values:
            fail(
                "Another process returns different values for the same request.",
                why="The next build is another process, perhaps on another machine: it would find everything changed.",
                instead="sort the elements of sets, and use nothing of the process: no hash(), no id().",
                shown=changes(here, observed.values),
            )

    def test_what_is_installed_changes_no_value(self, subject: Subject) -> None:
        """The values do not depend on the virtual environment of the last build."""
        layers = subject.home.with_name("layers")
        before = flattened(subject.describe(layers=layers))
        site_packages = layers / "venv" / "lib" / "python3.13" / "site-packages"
        for name in _INSTALLED:
            (site_packages / f"{name}-1.0.dist-info").mkdir(parents=True)
        after = flattened(subject.describe(layers=layers))
        if before != after:
            fail(
                "Its values depend on what is installed in the virtual environment.",
                why="A layer may not be restored yet, and core itself looks at it to decide.",
                instead="name in Update(keeps=…) what the commands never remove, and core looks for it.",
                shown=changes(before, after),
            )

    def test_wheels_of_the_tool_are_locked(self, subject: Subject) -> None:
        """The lock file that core unpacks the tool from pins every distribution by version and SHA-256."""
        wheels = subject.describe().tool.wheels
        if wheels is not None and not pins(wheels.hashed, PYTHON):
            fail(
                "LockedWheels.hashed does not pin every distribution by version and SHA-256.",
                why="Core never unpacks it, and every first build takes as long as the commands.",
                instead="lock the tool with hashes, for all platforms, or return no wheels.",
            )

    def test_its_settings_are_frozen_and_have_the_usual_ones(self, subject: Subject) -> None:
        """The settings model derives from ToolSettings, and has values that cannot be changed."""
        model = subject.manager.settings_model
        if not issubclass(model, ToolSettings):
            fail(
                f"settings_model is {model!r}, which does not derive from ToolSettings.",
                why="Core reads version, launch and stand-in of every package manager.",
                instead="write @dataclass(frozen=True, kw_only=True) class …Settings(ToolSettings), or leave it out.",
            )
        hints = get_type_hints(model, include_extras=True)
        found = [
            f"{f.name} is a {kind.__name__}"
            for f in fields(model)
            if (kind := mutable(hints[f.name])) is not None
        ]
        if found:
            fail(
                "Some settings can be changed after they are read.",
                why="All requests of a build share the settings: a change in one is a change in all.",
                instead="use tuple[str, ...] for an array, frozenset[str] for a set, and Mapping for a table.",
                shown=found,
            )

    def test_every_setting_says_what_it_is_for(self, subject: Subject) -> None:
        """Each field of the settings model has a help text."""
        silent = [f.name for f in fields(subject.manager.settings_model) if not f.metadata.get("help")]
        if silent:
            fail(
                f"Some settings do not say what they are for: {', '.join(silent)}.",
                why="`layerwright config` shows every setting with its help.",
                instead='write field(default=…, metadata={"help": "…"}).',
            )


class ResolutionChecks:
    """A plugin reads a resolution from a report, and returns commands to install it."""

    def test_a_report_is_read_as_the_releases_in_it(self, subject: Subject) -> None:
        """Each release has its normalised name, its version, and no hash except its own."""
        resolution = resolution_of(subject.describe().install.sameness)
        if resolution is None:
            return
        try:
            text = subject.report(subject.releases, INDEX)
        except NotImplementedError:
            pytest.skip("the test class has no report(releases, index)")
        name, what = subject.manager.name, "Resolution.read"
        with told(), blaming(name, what):
            found = tuple(resolution.read(text))
        with told():
            values = [checked_value(one, Resolved, name, what) for one in found]
        known = {release.name: release for release in subject.releases}
        wanted = {n: f"{r.version} sha256:{r.sha256}" for n, r in known.items()}
        # Without a hash, names and versions decide.
        read = {
            v.name: f"{v.version} {' '.join(v.hashes) or wanted.get(v.name, '').partition(' ')[2]}"
            for v in values
        }
        if read != wanted or any(normalised_name(each) != each for each in read):
            fail(
                "Resolution.read does not return the releases in the report.",
                why="Core compares them with what is installed, and with the last build.",
                instead="return a Resolved for each release: normalised name, version, and hashes as sha256:…",
                shown=changes(wanted, read),
            )

    def test_a_change_of_what_is_resolved_becomes_commands(self, subject: Subject) -> None:
        """Distributions to install, to replace and to remove result in commands."""
        described = subject.describe()
        if resolution_of(described.install.sameness) is not None and not described.converging:
            fail(
                "Resolution.converge returns no command for a change.",
                why="The environment would not change, and the build would fail when core checks it.",
                instead="return commands that remove change.remove and change.replace, and install change.install.",
            )


def mutable(hint: Any) -> type | None:
    """Return the first mutable type in *hint*, or ``None``."""
    kind = get_origin(hint) or hint
    if kind in _MUTABLE:
        return cast("type", kind)
    parts = get_args(hint)[:1] if kind is Annotated else get_args(hint)
    return next(filter(None, map(mutable, parts)), None)
