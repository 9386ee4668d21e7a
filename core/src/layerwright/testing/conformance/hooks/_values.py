"""Checks of what a plugin adds to which applications, and of its settings."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, get_type_hints

from layerwright.plugins.api import PLUGIN_API, api_number, declared_apis
from layerwright.plugins.entry_points import CONCLUSIVE_GROUP, EVIDENCE_GROUP
from layerwright.testing.applications import Application
from layerwright.testing.conformance._values import mutable
from layerwright.testing.conformance.trial.canonical import flattened
from layerwright.testing.conformance.trial.samples import SAMPLES
from layerwright.testing.conformance.trial.verdict import changes, fail, told

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.conformance.hooks._subject import HookSubject
    from layerwright.testing.conformance.trial.observe import Observed

__all__ = ["HookValueChecks"]

_PACKAGE_MANAGERS = "layerwright_package_managers"


class HookValueChecks:
    """A plugin returns the same values every time, and only for the applications that need it."""

    def test_its_api_is_declared(self, subject: HookSubject) -> None:
        """The distribution declares the plugin API that it is written for."""
        if not subject.entry_points:
            return
        declared = declared_apis(subject.entry_point, subject.entry_points)
        if PLUGIN_API not in map(api_number, declared):
            fail(
                f"The distribution declares the plugin API {', '.join(declared)}.",
                why=f"This Layerwright has plugin API {PLUGIN_API}, and refuses plugins for other APIs.",
                instead=f'write [project.entry-points."layerwright.api"] {PLUGIN_API} = "…".',
            )

    def test_it_is_not_asked_in_the_detect_phase(self, subject: HookSubject) -> None:
        """A plugin without package managers publishes that it has no evidence."""
        provides = _PACKAGE_MANAGERS in subject.plugins.hooks(subject.entry_point)
        published = [e for e in subject.entry_points if e.group in (CONCLUSIVE_GROUP, EVIDENCE_GROUP)]
        if subject.entry_points and not provides and not published:
            fail(
                "The distribution publishes no evidence.",
                why="Without evidence, core imports a plugin in the detect phase of every application.",
                instead='write [project.entry-points."layerwright.evidence"] none = "…".',
            )

    def test_values_are_of_the_types_of_the_contract(self, subject: HookSubject) -> None:
        """Values are tuples, mappings of strings, commands, and layers that core accepts."""
        subject.describe()

    def test_it_adds_something_to_its_application(self, subject: HookSubject) -> None:
        """Each of its hooks returns something for the application of the test."""
        found = subject.describe()
        by_hook = dict(
            zip(
                ("layerwright_layers", "layerwright_post_install", "layerwright_processes"),
                found,
                strict=False,
            )
        )
        silent = [hook for hook in subject.adds if not by_hook[hook]]
        if silent or not subject.adds:
            fail(
                "Some hooks return nothing for the application of the test.",
                why="The kit can check only what hooks return.",
                instead="write the files that they need in application(), and set distributions and settings.",
                shown=silent or ["none of its hooks adds anything"],
            )

    def test_it_leaves_other_applications_alone(self, subject: HookSubject, tmp_path: Path) -> None:
        """It adds nothing to applications that have none of its distributions and do not configure it."""
        wrong = []
        for name, files in {"no file": {}, **SAMPLES}.items():
            app = Application(tmp_path / "others" / name)
            app.path.mkdir(parents=True)
            for file, text in files.items():
                app.write(file, text)
            with told():
                found = subject.ask(settings={}, app=app, distributions=("acme",))
            wrong += [f"an application with {name}: {added}" for added in _titles(found)]
        if wrong:
            fail(
                "It adds something to applications that do not need it.",
                why="The hooks of every installed plugin are called in every build.",
                instead="check context.distributions, the files of the application, or a setting first.",
                shown=wrong,
            )

    def test_describing_twice_gives_equal_values(self, subject: HookSubject) -> None:
        """A second call returns the same values."""
        first, second = (flattened(subject.describe()) for _ in range(2))
        if first != second:
            fail(
                "Called twice for the same application, it returns different values.",
                why="Core compares them to decide what to keep: a difference causes a new layer every time.",
                instead="compute values only from the context: no clock, no random number, no counter.",
                shown=changes(first, second),
            )

    def test_another_process_describes_the_same(self, subject: HookSubject, observed: Observed) -> None:
        """A process with another hash seed, home directory and working directory returns the same values."""
        here = flattened(subject.describe())
        if here != observed.values:
            fail(
                "Another process returns different values for the same context.",
                why="The next build is another process, perhaps on another machine: it would find everything changed.",
                instead="sort the elements of sets, and use nothing of the process: no hash(), no id().",
                shown=changes(here, observed.values),
            )

    def test_describing_imports_nothing_of_the_application(self, observed: Observed) -> None:
        """No code of the application runs in the process of the build."""
        done = observed.of("import")
        if done:
            fail(
                "It runs code of the application while it describes a build.",
                why="That code may need distributions that are not importable here, or may never end.",
                instead="parse the source (ast.parse), or return a Command that runs it.",
                shown=done,
            )

    def test_a_reason_continues_a_sentence(self, subject: HookSubject) -> None:
        """The reason for a process, or for none, can follow "because"."""
        found = subject.describe()
        reasons = [
            *((proposed.process.type, proposed.because) for proposed in found.processes),
            *((proposed.type or "no process", proposed.because) for proposed in found.not_proposed),
        ]
        wrong = [
            f"{type_}: {because}"
            for type_, because in reasons
            if because.lower().startswith("because") or because.endswith(".")
        ]
        if wrong:
            fail(
                "The reason for a process does not continue a sentence.",
                why='The log shows it after the name of the plugin and "because".',
                instead='write words without a full stop: because="Flask is installed".',
                shown=wrong,
            )

    def test_its_settings_are_frozen(self, subject: HookSubject) -> None:
        """The settings and their values are immutable."""
        model = subject.model
        hints = get_type_hints(model, include_extras=True) if model else {}
        wrong = [
            f"{name} is a {kind.__name__}"
            for _, name in subject.keys
            if (kind := mutable(hints[name])) is not None
        ]
        if model is not None and not model.__dataclass_params__.frozen:
            wrong.append(f"{model.__name__} is not frozen")
        if wrong:
            fail(
                "Some settings can be changed after they are read.",
                why="All hooks share the settings: a change in one is a change in all.",
                instead="write @dataclass(frozen=True, kw_only=True), and tuple[str, ...] for an array.",
                shown=wrong,
            )

    def test_every_setting_says_what_it_is_for(self, subject: HookSubject) -> None:
        """Each field of the settings model has a help text."""
        silent = [
            f.name for f in (fields(subject.model) if subject.model else ()) if not f.metadata.get("help")
        ]
        if silent:
            fail(
                f"Some settings do not say what they are for: {', '.join(silent)}.",
                why="`layerwright config` shows every setting with its help.",
                instead='write field(default=…, metadata={"help": "…"}).',
            )


def _titles(found: tuple[tuple[object, ...], ...]) -> list[str]:
    kinds = ("a layer", "a command after the install", "a process")
    return [kind for kind, values in zip(kinds, found, strict=False) if values]
