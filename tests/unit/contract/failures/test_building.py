from __future__ import annotations

import pytest

from layerwright import install_diagnoses
from layerwright.contract.failures.debian import LIBRARIES, PACKAGES
from layerwright.process.failures.diagnosis import diagnosed, problem_of

DIAGNOSES = install_diagnoses(index="ACME_INDEX")


def test_every_diagnosis_can_apply() -> None:
    assert [problem_of(diagnosis) for diagnosis in DIAGNOSES if problem_of(diagnosis)] == []


@pytest.mark.parametrize(
    ("line", "reference", "name", "package"),
    [
        (
            "FileNotFoundError: [Errno 2] No such file or directory: 'gcc'",
            "program",
            "gcc",
            "build-essential",
        ),
        (
            "error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory",
            "program",
            "x86_64-linux-gnu-gcc",
            "build-essential",
        ),
        ("unable to execute 'gcc': No such file or directory", "program", "gcc", "build-essential"),
        (
            "../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang']]",
            "program",
            "gfortran",
            "gfortran",
        ),
        ("Error: pg_config executable not found.", "program", "pg_config", "libpq-dev"),
        ("/bin/sh: 1: mysql_config: not found", "program", "mysql_config", "default-libmysqlclient-dev"),
        ("/bin/sh: pkg-config: command not found", "program", "pkg-config", "pkg-config"),
        (
            "ERROR: Cannot find command 'git' - do you have 'git' installed and in your PATH?",
            "program",
            "git",
            "git",
        ),
        ("  Git executable not found. Ensure that Git is installed and available.", "program", "Git", "git"),
        ("error: can't find Rust compiler", "program", "Rust", "cargo"),
        ("Cargo, the Rust package manager, is not installed or is not on PATH.", "program", "Rust", "cargo"),
        ("No CMAKE_C_COMPILER could be found.", "program", "CMAKE_C_COMPILER", "build-essential"),
        (
            "psycopg.h:35:10: fatal error: libpq-fe.h: No such file or directory",
            "header",
            "libpq-fe.h",
            "libpq-dev",
        ),
        (
            "x.c:1:10: fatal error: openssl/opensslv.h: No such file or\n    directory",
            "header",
            "openssl/opensslv.h",
            "libssl-dev",
        ),
        ("x.c:1:10: fatal error: 'ffi.h' file not found", "header", "ffi.h", "libffi-dev"),
        ("Package cairo was not found in the pkg-config search path.", "library", "cairo", "libcairo2-dev"),
        ("Package 'xmlsec1', required by 'virtual:world', not found", "library", "xmlsec1", "libxmlsec1-dev"),
        (
            "Command 'pkg-config --exists mysqlclient' returned non-zero exit status 1.",
            "library",
            "mysqlclient",
            "default-libmysqlclient-dev",
        ),
        (
            '../meson.build:5: ERROR: Dependency "openblas" not found, tried pkgconfig',
            "library",
            "openblas",
            "libopenblas-dev",
        ),
        ("/usr/bin/ld: cannot find -lpq: No such file or directory", "library", "pq", "libpq-dev"),
        (
            "Error: Please make sure the libxml2 and libxslt development packages are installed.",
            "library",
            "libxml2",
            "libxslt1-dev",
        ),
    ],
)
def test_what_a_build_lacks_is_named_with_the_package_that_has_it(
    line: str, reference: str, name: str, package: str
) -> None:
    found = diagnosed(DIAGNOSES, f"      compiling\n      {line}\n      compilation terminated.\n")
    assert found is not None
    assert found.diagnosis.reference == f"missing-{reference}"
    assert found.summary == f"The {reference} {name} is missing."
    assert found.remedy[0].endswith(f": apt-get install {package}")


@pytest.mark.parametrize(
    ("line", "reference", "name"),
    [
        ("fatal error: acme/engine.hpp: No such file or directory", "header", "acme/engine.hpp"),
        ("No package 'acme-1.0' found", "library", "acme-1.0"),
        ("ld: cannot find -lacme", "library", "acme"),
        ("/bin/sh: 1: acmec: not found", "program", "acmec"),
    ],
)
def test_what_no_table_has_is_named_all_the_same(line: str, reference: str, name: str) -> None:
    found = diagnosed(DIAGNOSES, line)
    assert found is not None
    assert (found.diagnosis.reference, found.summary) == (
        f"missing-{reference}",
        f"The {reference} {name} is missing.",
    )
    assert f"the package of the operating system that contains {name}" in found.remedy[0]


def test_the_headers_of_python_come_with_another_interpreter() -> None:
    found = diagnosed(DIAGNOSES, "x.c:1:10: fatal error: Python.h: No such file or directory")
    assert found is not None
    assert "python.provider" in found.remedy[0]


@pytest.mark.parametrize(
    "line",
    [
        "  ERROR: Failed building wheel for acme",
        "error: Failed to build `acme==1.0`",
        "ERROR: Failed to build 'acme' when getting requirements to build wheel",
        "with poetry but one of the following issues with acme (1.0)",
    ],
)
def test_a_build_that_failed_for_another_reason_names_what_was_built(line: str) -> None:
    found = diagnosed(DIAGNOSES, line)
    assert found is not None
    assert found.summary == "acme could not be built from source."


@pytest.mark.parametrize(
    ("library", "package"), [("libGL.so.1", "libgl1"), ("libacme-2.so.7", "that contains libacme-2.so.7")]
)
def test_a_shared_library_that_is_missing_is_named(library: str, package: str) -> None:
    line = f"ImportError: {library}: cannot open shared object file: No such file or directory"
    found = diagnosed(DIAGNOSES, line)
    assert found is not None
    assert found.summary == f"The shared library {library} is missing."
    assert found.diagnosis.reference == "missing-shared-library"
    assert package in found.remedy[0]


def test_nothing_has_two_packages() -> None:
    for kind in ("programs", "headers", "modules", "links"):
        names = [name for package in PACKAGES for name in getattr(package, kind)]
        assert sorted(names) == sorted({*names})
    assert all(name.endswith(".so") or ".so." in name for name in LIBRARIES)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("FileNotFoundError: [Errno 2] No such file or directory: 'README.md'", "README.md"),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/x/requirements.txt'",
            "requirements.txt",
        ),
        ("FileNotFoundError: Readme path `/app/README.md` does not exist.", "README.md"),
        ("OSError: Readme file does not exist: docs/README", "README"),
        ("flit_core.config.ConfigError: Description file README.rst does not exist", "README.rst"),
    ],
)
def test_a_file_that_a_build_reads_is_no_program(line: str, name: str) -> None:
    found = diagnosed(DIAGNOSES, f"Traceback\n{line}\nerror: metadata-generation-failed\n")
    assert found is not None
    assert (found.summary, found.diagnosis.reference) == (
        f"The file {name} is missing.",
        "missing-source-file",
    )


def test_a_file_that_pip_does_not_find_is_not_one_that_a_build_reads() -> None:
    line = "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'base.txt'"
    found = diagnosed(DIAGNOSES, line)
    assert found is None or found.diagnosis.reference != "missing-source-file"
