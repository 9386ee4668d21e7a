"""Every check of the pure tier fails for a plugin that is wrong on purpose, and no other check does."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from layerwright.plugins.api import PLUGIN_API
from layerwright.plugins.entry_points import (
    API_GROUP,
    CONCLUSIVE_GROUP,
    EVIDENCE_GROUP,
    PLUGIN_GROUP,
    EntryPoint,
)
from layerwright.testing import PackageManagerConformance
from layerwright.testing.conformance._asking import left_to_one_check, observe
from layerwright.testing.conformance.trial.subject import Subject
from tests.conformance.planted import archives, private, resolving, values
from tests.conformance.planted.applications import application, report, with_constraints
from tests.conformance.planted.tiny import LOCK, Tiny

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.measured

RIGHT = ((PLUGIN_GROUP, "tiny"), (CONCLUSIVE_GROUP, LOCK), (API_GROUP, str(PLUGIN_API)))

ASKED = ((PLUGIN_GROUP, "tiny"), (EVIDENCE_GROUP, LOCK), (API_GROUP, str(PLUGIN_API)))


class Defect(NamedTuple):
    """A wrong plugin: the checks that it fails, words of the first failure, its manager, and what it publishes."""

    fails: tuple[str, ...]
    words: str
    manager: type[Tiny] = Tiny
    published: tuple[tuple[str, str], ...] = RIGHT


EXISTS = "test_it_claims_its_own_application_by_a_file_that_exists"
EVIDENCE = "test_its_evidence_is_published"
OTHERS = "test_it_claims_no_other_application"
DENIED = "test_a_conclusive_file_is_never_denied"
VERSION = "test_another_version_of_a_release_changes_the_inputs"
ARCHIVE = "test_another_archive_of_a_release_changes_the_inputs"
STAND_INS = "test_stand_ins_are_short_and_say_how_to_get_the_tool"
RESERVED = "test_reserved_variables_are_the_tools_own"
TYPES = "test_values_are_of_the_types_of_the_contract"
EVERYONES = "test_variables_that_others_rely_on_are_left_alone"
FAILING = "test_a_failing_command_says_what_to_do"
DIAGNOSES = "test_diagnoses_of_commands_can_apply"
SHOWN = "test_credentials_are_in_nothing_that_is_shown_or_kept"
ENVIRON = "test_describing_reads_no_environment"
SETTINGS = "test_its_settings_are_frozen_and_have_the_usual_ones"
SILENT = "test_settings_that_change_commands_change_the_inputs"
TRIED = "test_every_setting_has_a_value_to_try"
ADDED = "test_a_release_that_is_added_changes_the_inputs"
READ = "test_a_report_is_read_as_the_releases_in_it"
SECRETS = "test_credentials_reach_commands_as_secrets"
FILES = "test_files_that_commands_name_change_the_inputs"
VARIABLES = "test_variables_that_change_commands_change_the_inputs"
PATHS = "test_commands_name_the_programs_that_they_run_by_their_paths"
ELSEWHERE = "test_describing_reads_nothing_elsewhere"
ARCHIVES = "test_locked_archives_are_those_of_the_lock_file"
FORMS = "test_values_of_locked_archives_are_well_formed"
CREDENTIALS = "test_locked_archives_have_no_credentials"

INDEXES = "test_each_index_is_in_variables_or_said_to_be_unused"
OF_INDEXES = "test_credentials_of_indexes_are_secrets"
FREE = "test_variables_of_indexes_are_not_reserved"
OF_ASKED = "test_indexes_that_are_asked_are_addresses_with_marked_credentials"
AGE = "test_the_age_of_releases_is_a_variable_that_leaves_the_users_alone"

DEFECTS = [
    Defect((INDEXES,), "own, the default index, at https://example.com/simple/", values.LosingIndexes),
    Defect((INDEXES,), "returns something without any index", values.WithoutIndexes),
    Defect((INDEXES, OF_INDEXES, FREE), "index_variables raised KeyError: 'boom'", values.RaisingForIndexes),
    Defect((OF_INDEXES,), "TINY_INDEX_URL", values.UnmarkedIndexes),
    Defect((FREE,), "sets reserved variables: TINY_ELSEWHERE", values.ReservedIndexes),
    Defect(
        ("test_its_entry_point_has_its_name",),
        'The entry point "small" provides a package manager "tiny"',
        published=((PLUGIN_GROUP, "small"), *RIGHT[1:]),
    ),
    Defect(("test_its_api_is_declared",), "written for API 2", published=(*RIGHT[:2], (API_GROUP, "latest"))),
    Defect((EVIDENCE,), "which is not in its metadata", published=(RIGHT[0], RIGHT[2])),
    Defect(
        (EXISTS,),
        "Its evidence, tiny.toml, is not a file",
        values.ByAnAbsentFile,
        (*RIGHT, (EVIDENCE_GROUP, "tiny.toml")),
    ),
    Defect((DENIED, EVIDENCE), f"an application with {LOCK}: not claimed", values.ByNothing),
    Defect((DENIED,), f"an application with {LOCK}: a fallback", values.ByFallback),
    Defect((DENIED,), "with tiny.toml: not claimed", published=(*RIGHT, (CONCLUSIVE_GROUP, "tiny.toml"))),
    Defect((EXISTS, EVIDENCE), "does not claim the application", values.ByNothing, ASKED),
    Defect(
        (OTHERS,),
        "an application with [tool.ruff] alone in pyproject.toml: pyproject.toml exists",
        values.ByAnyProject,
        (*RIGHT, (EVIDENCE_GROUP, "pyproject.toml")),
    ),
    Defect(
        (OTHERS,),
        "an application with uv.lock: tiny: pyproject.toml exists (layerwright-tiny 1.0), another: uv.lock exists",
        values.ByAnyProject,
        (*RIGHT, (CONCLUSIVE_GROUP, "pyproject.toml")),
    ),
    Defect((OTHERS, EVIDENCE), "setup.py: setup.py exists", values.BySetup, (RIGHT[0], RIGHT[2])),
    Defect((TYPES,), "EnvironmentInstall.commands is a list", values.Lists),
    Defect((TYPES,), "Expected.names is a list", values.ExpectingAList),
    Defect((TYPES,), "Offline.options is a list", values.BundlingAList),
    Defect((TYPES,), "a key of EnvironmentInstall.inputs is 2", values.Words),
    Defect((TYPES,), "EnvironmentInstall.commands is a Command", values.OneCommand),
    Defect((TYPES,), "environment returned None", values.Nothing),
    Defect((TYPES,), "tool_layer raised KeyError: 'boom'", values.Raising),
    Defect((TYPES,), "values.py, line", values.Raising),
    Defect((TYPES,), "detect raised KeyError: 'boom'", values.RaisingWhenAsked),
    Defect((TYPES,), "also_uses raised KeyError: 'boom'", values.RaisingForOthers),
    Defect((TYPES,), "Nothing is good enough.\n\n    It is never.", values.Refusing),
    Defect((ADDED,), "environment raised KeyError: 'extra'", values.RaisingForExtras),
    Defect(
        (
            "test_describing_twice_gives_equal_values",
            "test_an_unrelated_file_changes_no_input",
            "test_what_is_installed_changes_no_value",
        ),
        "asked before",
        values.Counting,
    ),
    Defect(("test_another_process_describes_the_same",), LOCK, values.Hashing),
    Defect(("test_describing_writes_nothing",), "tiny.log", values.Writing),
    Defect(("test_describing_starts_nothing",), "subprocess.Popen", values.Starting),
    Defect(("test_describing_starts_nothing",), "subprocess.Popen", values.StartingWhenItExpects),
    Defect(("test_describing_needs_no_network",), "socket.", values.Connecting),
    Defect(("test_describing_prints_nothing",), "asked", values.Printing),
    Defect((ENVIRON,), "TINY_HOME", values.AskingItsEnvironment),
    Defect((ENVIRON,), "all of them", values.ListingItsEnvironment),
    Defect((ENVIRON,), "all of them", values.AskingWhenImported),
    Defect((ELSEWHERE,), "open /proc/version", values.ReadingElsewhere),
    Defect((ELSEWHERE,), "list /proc", values.ListingElsewhere),
    Defect(("test_what_is_installed_changes_no_value",), "sameness.update", values.LookingIntoTheEnvironment),
    Defect((SETTINGS,), "OwnSettings", values.WithOwnSettings),
    Defect((SETTINGS,), "sources is a dict", values.WithMutableSettings),
    Defect((TRIED,), "no value other than the default is known for jobs", values.WithCheckedSettings),
    Defect((SILENT,), "jobs = 1, for the execution environment production", values.WithoutJobs),
    Defect((VARIABLES,), "TINY_GROUP=sample", values.WithoutVariables),
    Defect((VARIABLES,), "TINY_GROUP_SAMPLE=1", values.GroupsByAPrefix),
    Defect(
        (FILES,),
        "constraints.txt, with {'constraints': 'constraints.txt'}",
        values.WithoutTheContentOfConstraints,
    ),
    Defect((EVIDENCE,), "by tiny.toml, which is not in its metadata", values.Declared),
    Defect(("test_every_setting_says_what_it_is_for",), "groups", values.WithSilentSettings),
    Defect((ADDED,), "A release that is added", values.FirstAlone),
    Defect((VERSION, ARCHIVE), "Another version", values.NamesAlone),
    Defect((ARCHIVE,), "Another archive", values.VersionsAlone),
    Defect(("test_an_unrelated_file_changes_no_input",), "application: ", values.WholeDirectory),
    Defect(("test_another_version_of_the_tool_is_another_tool_layer",), "2.99.0", values.OneVersion),
    Defect(("test_launch_does_not_change_the_tool_layer",), "TINY_LAUNCHED", values.OtherAtLaunch),
    Defect((PATHS,), "leave it to PATH", values.ByPath),
    Defect((PATHS,), "tiny sync", resolving.ConvergingByPath),
    Defect(("test_working_directories_are_absolute",), "tiny sync: lib", values.InSomeDirectory),
    Defect(
        ("test_another_process_describes_the_same",), "commands[0].argv", values.InTheDirectoryOfTheProcess
    ),
    Defect(("test_variables_of_the_tool_are_set_at_launch_too",), "build: TINY_HOME", values.InTheBuildAlone),
    Defect(("test_paths_are_those_of_the_request",), "/var/log/tiny.log", values.Elsewhere),
    Defect(("test_paths_are_those_of_the_request",), "/srv/wheels", values.WithWheelsElsewhere),
    Defect((SECRETS,), "LockedWheels.index: PIP_INDEX_URL", values.WithCredentialsForWheels),
    Defect(("test_wheels_of_the_tool_are_locked",), "does not pin every", values.WithUnlockedWheels),
    Defect((EVERYONES,), "tiny sync: PYTHONPATH", values.SettingPythonPath),
    Defect((EVERYONES,), "the tool layer: PATH", values.InThePath),
    Defect((RESERVED,), "HOME", values.ReservingHome),
    Defect((RESERVED,), "('TINY_ELSEWHERE',)", values.ReservingInATuple),
    Defect((STAND_INS,), "do not learn how to get it", values.Absent),
    Defect((STAND_INS,), "Not\\nhere", values.Talkative),
    Defect((FAILING,), "remedy ()", values.WithoutRemedy),
    Defect((FAILING,), "reference 'command-failed'", values.WithoutReference),
    Defect((DIAGNOSES,), "not a regular expression: missing )", values.DiagnosingByNoPattern),
    Defect((DIAGNOSES,), "not a regular expression: missing )", values.DiagnosingByADefectiveFunction),
    Defect((DIAGNOSES,), "its diagnoses: ValueError: no idea", values.DiagnosingByARaisingFunction),
    Defect((DIAGNOSES,), "has no group what", values.DiagnosingByAnotherGroup),
    Defect((DIAGNOSES,), "matches any output", values.DiagnosingEverything),
    Defect((DIAGNOSES,), "kebab-case", values.DiagnosingWithoutReference),
    Defect((SHOWN,), "inputs of the environment, index", values.KeepingCredentials),
    Defect((SHOWN,), "inputs of the environment, index: sha256:", values.KeepingADigest),
    Defect((SHOWN,), "arguments of tiny sync", values.ShowingCredentials),
    Defect((SHOWN,), "--token=hunter2-of-the-kit, with the setting token", values.ShowingTheToken),
    Defect((SHOWN,), "inputs of the environment, TINY_MIRROR_SAMPLE", values.LookingForCredentials),
    Defect((SHOWN,), "Offline.env, TINY_INDEX", values.BundlingCredentials),
    Defect((SECRETS,), "Offline.index: PIP_INDEX_URL", values.UnmarkedForABundle),
    Defect((SECRETS,), "tiny sync: TINY_PASSWORD", values.UnmarkedCredentials),
    Defect((SECRETS,), "tiny sync: TINY_REGISTRY, with the setting index", values.UnmarkedIndex),
    Defect((READ,), "acme: 1.0 sha256:", resolving.OtherVersions),
    Defect((READ,), "!= 1.0 sha256:0", resolving.OtherHashes),
    Defect((READ,), "returned 'acme', not Resolved", resolving.ReadingNames),
    Defect((READ,), "Resolution.read raised TypeError", resolving.Stumbling),
    Defect(("test_a_change_of_what_is_resolved_becomes_commands",), "returns no command", resolving.Stopping),
    Defect((TYPES,), "Resolution.converge raised KeyError: 'acme'", resolving.Failing),
    Defect((FAILING,), "remedy ()", resolving.ConvergingWithoutRemedy),
    Defect((ARCHIVES,), "base 1.0: sha256:", archives.FirstArchive),
    Defect((ARCHIVES,), f"!= sha256:{'0' * 64}", archives.OtherHashes),
    Defect((ARCHIVES, FORMS, CREDENTIALS), "returned 'acme', not LockedArchive", archives.Names),
    Defect((ARCHIVES, FORMS, CREDENTIALS), "Locked.archives raised KeyError: 'files'", archives.Stumbling),
    Defect((FORMS,), "is that of shop 2.0", archives.OtherFiles),
    Defect((FORMS,), "filename 'archive.whl'", archives.NoFiles),
    Defect((FORMS,), "filename 'https://example.com/'", archives.NoSourceFiles),
    Defect((FORMS,), "url '../files/some.whl' is not absolute", archives.RelativePlaces),
    Defect((FORMS,), "uploaded '2026-01-31T12:00:00'", archives.TimesWithoutZone),
    Defect((FORMS,), "uploaded 'yesterday'", archives.NoTimes),
    Defect((FORMS,), f"hash 'md5:{'0' * 32}'", archives.BareHashes),
    Defect((CREDENTIALS,), "https://reader:hunter2-of-the-kit@example.com", archives.WithCredentials),
    Defect((OF_ASKED,), "acme\n", values.AskingNames),
    Defect((OF_ASKED,), "a SecretStr without a URL", values.AskingNames),
    Defect((OF_ASKED,), "index_urls returned 1, not str", values.AskingNumbers),
    Defect((AGE,), "does not use its argument: TINY_BEFORE", values.ChoosingForEver),
    Defect((AGE,), "replaces variables of the user: TINY_BEFORE", values.ChoosingForTheUser),
    Defect(
        ("test_the_plugin_imports_only_the_public_api",),
        "private.py, line 6: layerwright.build",
        private.Private,
    ),
]


RIGHT_ONES = [
    values.Choosing,
    values.RefusingIndexes,
    values.TakingIndexes,
    Tiny,
    values.ImportingWhatAsks,
    values.ByVariable,
    values.ByIndex,
    values.ByExecutionEnvironment,
    values.WithoutGroups,
    values.Diagnosing,
    values.DiagnosingByAFunction,
    values.WithConstraints,
    values.ForConstraintsThatItParses,
    values.RefusingOtherConstraints,
    values.WithAnIndex,
    values.RefusingCredentials,
    resolving.Resolving,
    resolving.ResolvingWithoutHashes,
    archives.WithArchives,
    archives.WithoutDetails,
    archives.WithSourceArchives,
    archives.RefusingCredentials,
    archives.Unproved,
]


SECRET = ("TINY_PASSWORD",)
SAMPLES = {"constraints": "constraints.txt"}


class Checks(PackageManagerConformance):
    """The kit itself; its name keeps pytest from collecting it."""

    package_manager = Tiny()
    application = staticmethod(application)


PURE = {
    name: getattr(Checks, name)
    for name in dir(Checks)
    if name.startswith("test_") and not getattr(getattr(Checks, name), "pytestmark", ())
}


def subject(defect: Defect, root: Path) -> Subject:
    """Return the plugin with *defect* as if it were installed, with its application in *root*."""
    manager = defect.manager()
    module = type(manager).__module__
    published = (
        EntryPoint(group, name, module, "layerwright-tiny", "1.0") for group, name in defect.published
    )
    named = {f.name for f in fields(manager.settings_model)}
    samples = {key: value for key, value in SAMPLES.items() if key in named}
    alone = Subject.of(manager, with_constraints, root, secrets=SECRET, samples=samples, report=report)
    return replace(alone, given=defect.published[0][1], entry_points=tuple(published))


def failures(defect: Defect, root: Path) -> dict[str, str]:
    """Return the words of each check of the pure tier that *defect* fails; each loads the plugin again."""
    asked = Subject.of(defect.manager(), with_constraints, root / "asked")
    observed = cache(lambda: observe(asked, root))
    found = {}
    for name, check in PURE.items():
        place = root / name
        place.mkdir()
        wanted = inspect.signature(check).parameters
        there: dict[str, Any] = {
            "self": Checks(),
            "subject": subject(defect, place / "subject"),
            "tmp_path": place,
        }
        try:
            if name != TYPES:
                with left_to_one_check():
                    there["subject"].detect()
                    there["subject"].describe()
                    there["subject"].offline()
            if "observed" in wanted:
                there |= {"subject": replace(asked, manager=defect.manager()), "observed": observed()}
            check(**{name: there[name] for name in wanted})
        except pytest.fail.Exception as failure:
            found[name] = str(failure)
        except pytest.skip.Exception:
            # It cannot describe a build, which one check reports.
            continue
    return found


@pytest.mark.parametrize("manager", RIGHT_ONES)
def test_a_plugin_that_is_right_passes_every_check(manager: type[Tiny], tmp_path: Path) -> None:
    assert failures(Defect((), "", manager), tmp_path) == {}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.fails[0]}-{defect.manager.__name__}")
def test_a_defect_fails_the_check_that_is_about_it_and_no_other(defect: Defect, tmp_path: Path) -> None:
    found = failures(defect, tmp_path)

    assert found.keys() == {*defect.fails}
    assert defect.words in found[defect.fails[0]]
    assert "Why it matters: " in found[defect.fails[0]]
    assert "Instead: " in found[defect.fails[0]]


def test_without_a_report_there_is_nothing_to_read(tmp_path: Path) -> None:
    for number, given in enumerate(({}, {"report": Checks.report})):
        asked = Subject.of(resolving.Resolving(), application, tmp_path / str(number), **given)
        with pytest.raises(pytest.skip.Exception, match="no report"):
            PURE[READ](Checks(), asked)


def test_every_check_has_a_defect_that_it_finds() -> None:
    assert {check for defect in DEFECTS for check in defect.fails} == PURE.keys()
