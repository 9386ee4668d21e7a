"""Diagnoses of builds from source that lack programs, headers or libraries, as compilers and build tools say it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from layerwright.contract.failures.debian import LIBRARIES, PACKAGES
from layerwright.process.failures.diagnosis import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NOT_A_NAME", "build_diagnoses"]

NOT_A_NAME: Final = r"(?!(?:an?|the|installable|wheels?) )"
"""Between "Failed to build" and the name of a distribution; build tools of other languages say these words too."""

_WHY: Final = "A distribution is being built from source, and its build needs it."
_WHEEL: Final = (
    "Or use a version of the distribution that has a wheel for this Python: then nothing is built."
)
_FIND: Final = (
    "Find the package of the operating system that contains {name}, and install it where the build runs."
)

_FORMS: Final = {
    "program": (
        r"(?:No such file or directory: ['\"]|[Uu]nable to execute ['\"`]?|[Cc]ommand ['\"`]|sh: (?:\d+: )?|Error: "
        r"|ompiler\(s\): \[\['|[Cc]annot find command ['\"])",
        r"(?:['\"](?: failed: No such file or directory| - do you have|\]|$)"
        r"|['\"`]?: (?:No such file|(?:command )?not found)"
        r"| executable not found)",
    ),
    "header": (r"(?:fatal error|error): ['\"<]?", r"['\">]?(?:: No such file or directory| file not found)"),
    "module": (
        r"(?:Package ['\"]?|No package ['\"]|Dependency ['\"]?|pkg-config --exists )",
        r"(?:['\"]?,? (?:was not found|required by ['\"].*['\"], not found)|['\"] found"
        r"|['\"]? (?:is required but )?not found"
        r"|['\"] returned non-zero)",
    ),
    "shared library": (r"", r": cannot open shared object file"),
    "library": (r"(?:cannot find|unable to find library) -l", r"\b"),
}
"""The text before and after the name of the missing thing. A module is one of pkg-config."""

_SPECIAL: Final = (
    (
        r"(?:can't find |Cargo, the )(?P<name>Rust) (?:compiler|package manager, is not installed)",
        "program",
        "cargo",
    ),
    (
        r"make sure the (?P<name>libxml2) and libxslt development packages are installed",
        "library",
        "libxslt1-dev",
    ),
    (r"No (?P<name>CMAKE_CX*_COMPILER) could be found", "program", "build-essential"),
    (r"(?P<name>Git) executable not found", "program", "git"),
)


_FILE: Final = (
    r"(?:FileNotFoundError: \[Errno 2\] No such file or directory: ['\"]|Readme path `"
    r"|(?:Readme|License) file does not exist: |Description file )"
    r"(?:[^\s'\"`]*/)?(?P<name>(?:README|LICEN[CS]E|CHANGES|CHANGELOG|HISTORY|VERSION"
    r"|[\w.-]{1,100}\.(?:cfg|in|json|md|py|rst|toml|txt|ya?ml)))(?=['\"`]|\s|$)"
)
"""A file that a build of a Python distribution reads, often for its metadata: no program."""


@cache
def build_diagnoses() -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a build from source that lacks a program, a header or a library.

    The last diagnosis is for a build that failed for another reason.
    """
    return tuple(_diagnoses())


def _diagnoses() -> Iterator[Diagnosis]:
    headers = "Set python.provider to standalone, or install python3-dev: the interpreter has no headers."
    yield _missing("header", r"Python\.h", headers)
    for package in PACKAGES:
        install = _install(package.name)
        for form, names in (
            ("program", package.programs),
            ("header", package.headers),
            ("module", package.modules),
            ("library", package.links),
        ):
            if names:
                yield _missing(form, "|".join(map(re.escape, names)), install)
    for library, name in LIBRARIES.items():
        yield _missing("shared library", re.escape(library), _install(name))
    for pattern, kind, name in _SPECIAL:
        yield _diagnosis(pattern, kind, _install(name))
    yield Diagnosis(
        pattern=_FILE,
        summary="The file {name} is missing.",
        cause="The build of a distribution reads it, and the source of that distribution does not contain it.",
        remedy=(
            "If the application itself is built, add {name}, or remove what names it: often readme in pyproject.toml.",
            "Otherwise use a version of the distribution that has a wheel, or whose source is complete.",
        ),
        reference="missing-source-file",
    )
    yield _missing("header", r"[\w.+/-]+\.h(?:h|pp|xx)?", _FIND)
    yield _missing("module", r"[\w.+-]+", _FIND)
    yield _missing("library", r"[\w.+-]+", _FIND)
    yield _missing("program", r"[\w.+-]+", _FIND)
    yield _missing("shared library", r"\blib[\w.+-]{1,100}", _FIND)
    yield Diagnosis(
        pattern=r"(?:Failed building wheel for|Failed to build|of the following issues with"
        r"|generating package metadata\.\n\s*\S+>) "
        rf"{NOT_A_NAME}['`]?(?:\S*/)?(?P<name>[A-Za-z0-9][\w.-]*)",
        summary="{name} could not be built from source.",
        cause="It has no wheel for this Python and this machine, or the requirements ask for its source.",
        remedy=(
            "Use a version of {name}, or of Python, that has a wheel.",
            "Otherwise read the output of its build, and install what is missing where the build runs.",
        ),
        reference="distribution-not-built",
    )


def _missing(form: str, names: str, install: str) -> Diagnosis:
    before, after = _FORMS[form]
    return _diagnosis(f"{before}(?P<name>{names}){after}", "library" if form == "module" else form, install)


def _diagnosis(pattern: str, kind: str, install: str) -> Diagnosis:
    return Diagnosis(
        pattern=pattern,
        summary=f"The {kind} {{name}} is missing.",
        cause=_WHY,
        remedy=(install, _WHEEL),
        reference=f"missing-{kind.replace(' ', '-')}",
    )


def _install(package: str) -> str:
    return f"Install the Debian package {package} where the build runs: apt-get install {package}"
