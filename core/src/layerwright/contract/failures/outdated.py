"""Diagnoses of builds from source that fail because the distribution is older than this Python, or than its tools."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from layerwright.contract.failures.building import NOT_A_NAME
from layerwright.process.failures.diagnosis import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["outdated_diagnoses"]

_QUOTE: Final = r"['\"`\u2018\u2019]"
_NAME: Final = r"(?P<name>[A-Za-z0-9][\w.-]*?)"
# uv says what it builds before the output of the build, pip and Poetry say so after it.
_PLACES: Final = (
    (rf"Failed to build `(?:\S*/)?{_NAME}(?:==[^`\n]*| @ [^`\n]*)?`\n[\s\S]{{0,20000}}?", ""),
    (
        "",
        rf"[\s\S]{{0,20000}}?(?:Failed building wheel for|Failed to build|of the following issues with"
        rf"|generating package metadata\.\n\s*\S+>) {NOT_A_NAME}['`]?(?:\S*/)?{_NAME}(?![\w.-])",
    ),
)

# The first Python without it, and how its absence shows: https://docs.python.org/3/whatsnew/
_REMOVED: Final = {
    "3.8": (rf"invalid use of incomplete typedef {_QUOTE}PyInterpreterState",),
    "3.9": (rf"has no member named {_QUOTE}tp_print",),
    "3.10": (
        r"(?:cannot import name '[A-Z]\w+' from 'collections'|module 'collections' has no attribute '[A-Z]\w+')",
    ),
    "3.11": (r"fatal error: (?:longintrepr|code)\.h", rf"has no member named {_QUOTE}use_tracing"),
    "3.12": (
        r"No module named '(?:asynchat|asyncore|distutils|imp|smtpd)\b[\w.]*'",
        r"has no attribute '(?:ImpImporter|SafeConfigParser|readfp)'",
        rf"has no member named {_QUOTE}(?:curexc_traceback|curexc_type|ob_digit)",
    ),
    "3.13": (
        r"No module named '(?:aifc|audioop|cgi|cgitb|crypt|imghdr|lib2to3|nntplib|pipes|telnetlib|uu|xdrlib)\b[\w.]*'",
        rf"too few arguments to function {_QUOTE}_PyLong_AsByteArray",
        r"ForwardRef\._evaluate\(\) missing 1 required keyword-only argument",
    ),
    "3.14": (
        r"module '?(?:ast|pkgutil)'? has no attribute '(?:Bytes|NameConstant|Num|Str|find_loader|get_loader)'",
    ),
}
_SETUPTOOLS: Final = {
    "58": r"use_2to3 is (?:invalid|set to an invalid value)",
    "74": r"No module named 'distutils\.msvccompiler'",
    "82": r"No module named 'pkg_resources'",
}


@cache
def outdated_diagnoses(limit: str = "") -> tuple[Diagnosis, ...]:
    """Return the diagnoses of builds that use what Python, PyO3's supported range or setuptools no longer has.

    *limit* is that of :func:`install_diagnoses`.
    """
    return tuple(_diagnoses(limit))


def _diagnoses(limit: str) -> Iterator[Diagnosis]:
    for before, after in _PLACES:
        yield _for_older_python(
            rf"{before}Python interpreter version \([\d.]+\) is newer than PyO3's maximum supported version"
            rf" \((?P<last>[\d.]+)\){after}",
            "It is made for Python {last} at most.",
            "{last}",
        )
        for version, pattern in _SETUPTOOLS.items():
            limited = limit.replace("{requirement}", f'"setuptools<{version}"')
            yield Diagnosis(
                pattern=before + pattern + after,
                summary="{name} cannot be built with this setuptools.",
                cause=f"Its build from source uses what setuptools {version} and newer do not have.",
                remedy=(
                    "Use a newer version of {name}, or one that has a wheel for this Python.",
                    *([f"Or {limited}."] if limited else []),
                ),
                reference="distribution-not-built",
            )
        for removed, patterns in _REMOVED.items():
            last = f"3.{int(removed.partition('.')[2]) - 1}" if removed != "3.8" else ""
            yield _for_older_python(
                f"{before}(?:{'|'.join(patterns)}){after}",
                f"Its build from source uses what Python {removed} and newer do not have.",
                last,
            )


def _for_older_python(pattern: str, cause: str, last: str) -> Diagnosis:
    """Return the diagnosis of a build that *last* is the newest Python for; empty if no supported one is old enough."""
    older = f"Or build with Python {last} or older: set python.version, or write {last} to .python-version."
    return Diagnosis(
        pattern=pattern,
        summary="This version of {name} does not support this Python.",
        cause=cause,
        remedy=("Use a newer version of {name}, which supports this Python.", *([older] if last else [])),
        reference="not-for-this-python",
    )
