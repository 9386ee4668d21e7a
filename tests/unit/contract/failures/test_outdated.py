from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import install_diagnoses
from layerwright.contract.failures.outdated import outdated_diagnoses
from layerwright.contract.failures.pip import pip_diagnoses
from layerwright.process.failures.diagnosis import diagnosed, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable

DIAGNOSES = install_diagnoses(index="ACME_INDEX")

REMOVED = [
    (
        "3.8",
        "x.c:9:3: error: \u2018PyTypeObject\u2019 has no member named \u2018tp_print\u2019",
    ),
    (
        "3.9",
        "ImportError: cannot import name 'MutableMapping' from 'collections' (/python/collections/__init__.py)",
    ),
    ("3.9", "AttributeError: module 'collections' has no attribute 'Callable'"),
    ("3.10", "x.c:212:12: fatal error: longintrepr.h: No such file or directory"),
    (
        "3.10",
        "x.c:9:3: error: \u2018PyThreadState\u2019 has no member named \u2018use_tracing\u2019",
    ),
    ("3.11", "ModuleNotFoundError: No module named 'imp'"),
    ("3.11", "ModuleNotFoundError: No module named 'distutils.core'"),
    ("3.11", "AttributeError: module 'pkgutil' has no attribute 'ImpImporter'. Did you mean: 'zipimporter'?"),
    ("3.11", "AttributeError: module 'configparser' has no attribute 'SafeConfigParser'"),
    ("3.11", "x.c:9:3: error: 'PyLongObject' {aka 'struct _longobject'} has no member named 'ob_digit'"),
    ("3.12", "ModuleNotFoundError: No module named 'pipes'"),
    (
        "3.12",
        "TypeError: ForwardRef._evaluate() missing 1 required keyword-only argument: 'recursive_guard'",
    ),
    ("3.12", "x.c:9:27: error: too few arguments to function \u2018_PyLong_AsByteArray\u2019"),
    ("3.13", "AttributeError: module 'ast' has no attribute 'Str'"),
    (
        "3.12",
        "error: the configured Python interpreter version (3.13) is newer than PyO3's maximum supported version (3.12)",
    ),
]


def after(line: str) -> str:
    """Return what pip prints if *line* ends the build of acme-ui."""
    return (
        f"  x Getting requirements to build wheel did not run successfully.\n      {line}\n"
        "      [end of output]\n\n  note: This error originates from a subprocess.\n"
        "ERROR: Failed to build 'acme-ui' when getting requirements to build wheel\n"
    )


def before(line: str) -> str:
    """Return what uv prints if *line* ends the build of acme-ui."""
    return (
        "  x Failed to build `acme-ui==1.0.2`\n  ├─▶ The build backend returned an error\n"
        f"  ╰─▶ Call to `setuptools.build_meta:__legacy__.build_wheel` failed\n\n      [stderr]\n      {line}\n"
    )


def test_every_diagnosis_can_apply() -> None:
    assert [problem_of(diagnosis) for diagnosis in outdated_diagnoses() if problem_of(diagnosis)] == []


@pytest.mark.parametrize("output", [after, before])
@pytest.mark.parametrize(("last", "line"), REMOVED)
def test_a_build_that_needs_an_older_python_says_which_one(
    last: str, line: str, output: Callable[[str], str]
) -> None:
    found = diagnosed(DIAGNOSES, output(line))
    assert found is not None
    assert found.diagnosis.reference == "not-for-this-python"
    assert found.summary == "This version of acme-ui does not support this Python."
    assert f"build with Python {last} or older" in found.remedy[1]


@pytest.mark.parametrize("output", [after, before])
@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("82", "ModuleNotFoundError: No module named 'pkg_resources'"),
        ("74", "ModuleNotFoundError: No module named 'distutils.msvccompiler'"),
        ("58", "error in acme-ui setup command: use_2to3 is invalid."),
    ],
)
def test_a_build_that_needs_an_older_setuptools_says_which_one(
    version: str, line: str, output: Callable[[str], str]
) -> None:
    found = diagnosed(DIAGNOSES, output(line))
    assert found is not None
    assert found.summary == "acme-ui cannot be built with this setuptools."
    # How to limit what builds use is known to the tool alone.
    assert found.remedy == ("Use a newer version of acme-ui, or one that has a wheel for this Python.",)
    of_tool = install_diagnoses(index="ACME_INDEX", limit="set ACME_LIMIT to {requirement}")
    limited = diagnosed(of_tool, output(line))
    assert limited is not None
    assert limited.remedy == (*found.remedy, f'Or set ACME_LIMIT to "setuptools<{version}".')


def test_the_name_is_found_in_other_words_and_in_a_path() -> None:
    missing = "ModuleNotFoundError: No module named 'imp'\n"
    for line, name in (
        ("  ERROR: Failed building wheel for acme.ui", "acme.ui"),
        (
            "Note: This is likely not a problem with poetry but one of the following issues with acme_ui (1.0)",
            "acme_ui",
        ),
    ):
        found = diagnosed(pip_diagnoses(), f"{missing}{line}\n")
        assert found is not None
        assert found.summary == f"This version of {name} does not support this Python."


def test_without_a_supported_python_that_is_old_enough_only_a_newer_version_helps() -> None:
    line = "x.c:685:18: error: invalid use of incomplete typedef 'PyInterpreterState'"
    found = diagnosed(DIAGNOSES, after(line))
    assert found is not None
    assert found.remedy == ("Use a newer version of acme-ui, which supports this Python.",)


def test_the_words_of_build_tools_are_not_taken_for_the_name() -> None:
    output = (
        "error: failed to run custom build command\nCaused by: Failed to build a native library through cargo\n"
        "  Failed to build installable wheels for some pyproject.toml based projects\n"
        "  ERROR: Failed building wheel for acme-ui\n"
    )
    found = diagnosed(DIAGNOSES, output)
    assert found is not None
    assert found.summary == "acme-ui could not be built from source."


def test_a_module_that_python_never_had_is_not_taken_for_a_removed_one() -> None:
    found = diagnosed(DIAGNOSES, after("ModuleNotFoundError: No module named 'important'"))
    assert found is not None
    assert found.diagnosis.reference == "distribution-not-built"
    assert found.summary == "acme-ui could not be built from source."
