"""Every check of the kit for hooks fails for a plugin that is wrong on purpose, and no other check does."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from layerwright.plugins.api import PLUGIN_API
from layerwright.plugins.entry_points import API_GROUP, EVIDENCE_GROUP, PLUGIN_GROUP, EntryPoint
from layerwright.plugins.loading import load_plugins
from layerwright.testing import HookConformance
from layerwright.testing.conformance._asking import left_to_one_check
from layerwright.testing.conformance.hooks._subject import HookSubject
from layerwright.testing.conformance.hooks.kit import observe_hooks
from tests.conformance.planted import hooks, private_hooks

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing import Application

pytestmark = pytest.mark.measured

RIGHT = ((PLUGIN_GROUP, "words"), (EVIDENCE_GROUP, "none"), (API_GROUP, str(PLUGIN_API)))

API = "test_its_api_is_declared"
ASKED = "test_it_is_not_asked_in_the_detect_phase"
TYPES = "test_values_are_of_the_types_of_the_contract"
ADDS = "test_it_adds_something_to_its_application"
OTHERS = "test_it_leaves_other_applications_alone"
TWICE = "test_describing_twice_gives_equal_values"
PROCESS = "test_another_process_describes_the_same"
ENVIRON = "test_describing_reads_no_environment"
ELSEWHERE = "test_describing_reads_nothing_elsewhere"
IMPORTS = "test_describing_imports_nothing_of_the_application"
FROZEN = "test_its_settings_are_frozen"
TRIED = "test_every_setting_has_a_value_to_try"
FAILING = "test_a_failing_command_says_what_to_do"
PATHS = "test_paths_are_those_of_the_context"
SHOWN = "test_credentials_are_in_nothing_that_is_shown_or_kept"
MARKED = "test_credentials_reach_commands_as_secrets"


def application(app: Application) -> None:
    """Write an application that needs words, with a module that must not be imported."""
    app.write(hooks.FILE, "one two\n")
    app.write("shop.py", "SHOP = 1\n")


class Defect(NamedTuple):
    """A wrong plugin: the checks that it fails, words of the first failure, its class, and what it publishes."""

    fails: tuple[str, ...]
    words: str
    plugin: type = hooks.Words
    published: tuple[tuple[str, str], ...] = RIGHT


DEFECTS = [
    Defect((API,), "declares the plugin API 1", published=RIGHT[:2]),
    Defect((ASKED,), "publishes no evidence", published=(RIGHT[0], RIGHT[2])),
    Defect((TYPES,), "ContributedLayer.commands is a list", hooks.Lists),
    Defect((TYPES,), "Command.argv[0] is", hooks.Paths),
    Defect((TYPES,), "layerwright_layers raised KeyError: 'boom'", hooks.Raising),
    Defect((TYPES,), "hooks.py, line", hooks.Raising),
    Defect((TYPES,), '"My Words" cannot be the name of a layer', hooks.BadlyNamed),
    Defect((TYPES,), "Its environment changes PATH", hooks.InThePath),
    Defect((TYPES,), "It contributes two layers", hooks.Twice),
    Defect((ADDS,), "layerwright_layers", hooks.Nothing),
    Defect((ADDS,), "none of its hooks adds anything", hooks.NoHook),
    Defect((ADDS,), "layerwright_post_install", hooks.NothingAfterTheInstall),
    Defect((OTHERS,), "an application with no file: a layer", hooks.Everywhere),
    Defect((TWICE, PROCESS), "inputs['now']", hooks.Timed),
    Defect((PROCESS,), "inputs['set']", hooks.Hashing),
    Defect(("test_describing_writes_nothing",), "words.log", hooks.Writing),
    Defect(("test_describing_starts_nothing",), "subprocess.Popen", hooks.Starting),
    Defect(("test_describing_needs_no_network",), "socket.", hooks.Connecting),
    Defect(("test_describing_prints_nothing",), "asked", hooks.Printing),
    Defect((ENVIRON,), "WORDS_OFF", hooks.AskingItsEnvironment),
    Defect((ELSEWHERE,), "list /proc", hooks.ReadingTheEnvironment),
    Defect((IMPORTS,), "shop.py", hooks.Importing),
    Defect((IMPORTS,), "shop.py", hooks.Running),
    Defect(("test_a_reason_continues_a_sentence",), "speak: words is installed.", hooks.WithASentence),
    Defect(
        ("test_a_reason_continues_a_sentence",),
        "no process: Words has nothing to say.",
        hooks.RefusingWithASentence,
    ),
    Defect((FROZEN,), "more is a list", hooks.WithMutableSettings),
    Defect((FROZEN,), "Thawed is not frozen", hooks.WithSettingsThatChange),
    Defect(("test_every_setting_says_what_it_is_for",), "more", hooks.WithSilentSettings),
    Defect((TRIED,), "no value other than the default is known for jobs", hooks.WithCheckedSettings),
    Defect(
        ("test_variables_that_change_commands_change_the_inputs",),
        "WORDS_MIRROR=https://example.com/other/",
        hooks.BySecretMirror,
    ),
    Defect(
        ("test_settings_that_change_commands_change_the_inputs",),
        "language = 'sample', for the execution environment test",
        hooks.BySecretSetting,
    ),
    Defect(
        ("test_a_layer_depends_on_the_distributions_that_fill_it",), "words fetch", hooks.DependingOnNothing
    ),
    Defect(("test_commands_name_the_programs_that_they_run_by_their_paths",), "words index", hooks.ByPath),
    Defect(("test_files_that_commands_name_change_the_inputs",), "words.txt", hooks.GivenAnUncountedFile),
    Defect(("test_working_directories_are_absolute",), "words index: static", hooks.Relative),
    Defect(("test_diagnoses_of_commands_can_apply",), "has no group what", hooks.Misdiagnosing),
    Defect((PATHS,), "words index: /var/log/words.log", hooks.Elsewhere),
    Defect((PATHS,), "the environment of a layer: /opt/words", hooks.ElsewhereInALayer),
    Defect(
        ("test_variables_that_others_rely_on_are_left_alone",),
        "words index: PYTHONPATH",
        hooks.SettingPythonPath,
    ),
    Defect((FAILING,), "remedy ()", hooks.WithoutRemedy),
    Defect((FAILING,), "reference 'command-failed'", hooks.WithoutReference),
    Defect((SHOWN,), "arguments of words fetch", hooks.ShowingTheMirror),
    Defect((SHOWN,), "a process that is not proposed", hooks.RefusingWithASecret),
    Defect(
        (SHOWN,),
        "with credentials in the setting mirrors, inputs, mirrors",
        hooks.ShowingAMirrorOfTheSettings,
    ),
    Defect((SHOWN,), "environment of a layer, WORDS_TOKEN", hooks.KeepingAToken),
    Defect((SHOWN,), "process speak", hooks.ServingAToken),
    Defect((MARKED,), "words index: TOKEN", hooks.Unmarked),
    Defect((MARKED,), "with credentials in the setting mirrors, words index: MIRRORS", hooks.UnmarkedSetting),
    Defect(
        ("test_the_plugin_imports_only_the_public_api",),
        "private_hooks.py, line 5: layerwright.build.layers.names",
        private_hooks.Private,
    ),
]


class Checks(HookConformance):
    """The kit itself; its name keeps pytest from collecting it."""

    plugin = hooks.Words()
    application = staticmethod(application)


CHECKS = {name: getattr(Checks, name) for name in dir(Checks) if name.startswith("test_")}


def subject(defect: Defect, root: Path) -> HookSubject:
    """Return the plugin with *defect* as if it were installed, with its application in *root*."""
    module, plugin = defect.plugin.__module__, defect.plugin()
    alone = HookSubject.of(plugin, application, root, distributions=("words",), secrets=("WORDS_TOKEN",))
    if not defect.published:
        return alone
    published = [
        EntryPoint(group, name, module, "layerwright-words", "1.0") for group, name in defect.published
    ]
    return replace(
        alone,
        plugins=load_plugins((), hooks=[(published[0], plugin)]),
        entry_point=published[0],
        entry_points=tuple(published),
    )


def failures(defect: Defect, root: Path) -> dict[str, str]:
    """Return the words of each check that *defect* fails; each loads the plugin again."""
    asked = HookSubject.of(defect.plugin(), application, root / "asked", distributions=("words",))
    observed = cache(lambda: observe_hooks(asked, root))
    found = {}
    for name, check in CHECKS.items():
        place = root / name
        place.mkdir()
        wanted = inspect.signature(check).parameters
        there: dict[str, Any] = {"self": Checks(), "tmp_path": place}
        try:
            there["subject"] = subject(defect, place / "subject")
            if name != TYPES:
                with left_to_one_check():
                    there["subject"].describe()
            if "observed" in wanted:
                there |= {"subject": asked, "observed": observed()}
            check(**{name: there[name] for name in wanted})
        except pytest.fail.Exception as failure:
            found[name] = str(failure)
        except pytest.skip.Exception:
            # It cannot be asked, which one check says.
            continue
    return found


@pytest.mark.parametrize(
    "plugin",
    [
        hooks.Words,
        hooks.WithAToken,
        hooks.InSeveralLayers,
        hooks.Silent,
        hooks.Refusing,
        hooks.RefusingTokens,
        hooks.GivenAFile,
    ],
)
def test_a_plugin_that_is_right_passes_every_check(plugin: type, tmp_path: Path) -> None:
    assert failures(Defect((), "", plugin), tmp_path) == {}


def test_hooks_that_are_no_plugin_publish_nothing(tmp_path: Path) -> None:
    assert failures(Defect((), "", published=()), tmp_path) == {}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.fails[0]}-{defect.plugin.__name__}")
def test_a_defect_fails_the_check_that_is_about_it_and_no_other(defect: Defect, tmp_path: Path) -> None:
    found = failures(defect, tmp_path)

    assert found.keys() == {*defect.fails}
    assert defect.words in found[defect.fails[0]]
    assert "Why it matters: " in found[defect.fails[0]]
    assert "Instead: " in found[defect.fails[0]]


def test_every_check_has_a_defect_that_it_finds() -> None:
    assert {check for defect in DEFECTS for check in defect.fails} == CHECKS.keys()
