"""One line of a requirements file, read by pip's rules.

pip's reference documents them under "Requirements File Format". It does not cover quoting, several options on
one line and abbreviated options: for these, the tests compare this module with pip.
"""

# typing.override needs Python 3.12, and importing typing_extensions takes too long.
# mypy: disable-error-code="explicit-override"

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from layerwright import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from optparse import OptionParser

__all__ = ["Line", "credential_variables", "expanded", "logical_lines", "parse_line", "variables"]

_COMMENT: Final = r"(^|\s+)#.*$"
_VARIABLE: Final = r"\$\{([A-Z0-9_]+)\}"
_USERINFO: Final = r"://[^/@\s\"']*@"
# Lock files are mostly hashes. shlex and optparse would take longer than the rest of an unchanged rebuild.
_ONLY_HASHES: Final = re.compile(r"(?:--hash[= ][a-z0-9]+:[0-9a-fA-F]+(?: +|$))*")
_HASH: Final = re.compile(r"--hash[= ](\S+)")
_COLLECTED: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("-r", "--requirement"), "requirement"),
    (("-c", "--constraint"), "constraint"),
    (("-e", "--editable"), "editable"),
    (("-f", "--find-links"), "find_links"),
    (("--hash",), "hash"),
    (("-C", "--config-setting", "--config-settings", "--global-option", "--install-option"), "build_options"),
)
_SINGLE: Final[tuple[tuple[str, ...], ...]] = (
    ("-i", "--index-url", "--pypi-url"),
    ("--extra-index-url",),
    ("--no-binary",),
    ("--only-binary",),
    ("--all-releases",),
    ("--only-final",),
    ("--trusted-host",),
    ("--use-feature",),
)


@frozen
class Line:
    """The content of a line: a requirement with its options, an included file, or global options.

    ``problem`` says what could not be read. pip may accept it, so it is not an error by itself.
    """

    requirement: str = ""
    editable: bool = False
    hashes: tuple[str, ...] = ()
    has_build_options: bool = False
    include: str = ""
    include_constraints: bool = False
    require_hashes: bool | None = None
    find_links: str = ""
    problem: str = ""


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line that is not empty, with continuations joined and without comments."""
    first, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        first = first if parts else number
        if "#" in line and re.match(_COMMENT, line):
            parts.append(f" {line}")  # so that it is still a comment after what it continues
        elif line.endswith("\\"):
            parts.append(line.strip("\\"))
            continue
        else:
            parts.append(line)
        yield from _said(first, parts)
        parts = []
    yield from _said(first, parts)


def variables(line: str) -> tuple[str, ...]:
    """Return the names of the environment variables that *line* refers to as ``${NAME}``."""
    return tuple(re.findall(_VARIABLE, line)) if "$" in line else ()


def credential_variables(line: str) -> frozenset[str]:
    """Return the variables that *line* uses only as credentials in URLs."""
    return frozenset(variables(line)) - frozenset(variables(re.sub(_USERINFO, "", line)))


def expanded(line: str, environment: Mapping[str, str]) -> str:
    """Return *line* with its variables replaced. A variable that is unset or empty stays as written."""
    for name in variables(line):
        line = line.replace(f"${{{name}}}", environment.get(name) or f"${{{name}}}")
    return line


def parse_line(line: str) -> Line:
    """Parse *line*, a logical line with its variables expanded."""
    requirement, options = _split(line)
    if _ONLY_HASHES.fullmatch(options):
        return Line(requirement=requirement, hashes=tuple(_HASH.findall(options)))
    import shlex

    try:
        found = _parser().parse_args(shlex.split(options))[0]
    except ValueError as error:
        return Line(requirement=requirement, problem=str(error))
    return _line(requirement, found)


def _said(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    joined = "".join(parts)
    # Trying the pattern at every space in a line of hashes would take longer than all other reading.
    line = (re.sub(_COMMENT, "", joined) if "#" in joined else joined).strip()
    if line:
        yield number, line


def _split(line: str) -> tuple[str, str]:
    words = line.split(" ")
    count = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:count]).strip(), " ".join(words[count:])


def _line(requirement: str, found: Any) -> Line:
    editable = not requirement and bool(found.editable)
    if requirement or editable:
        # Other options on the line of a requirement have no effect.
        return Line(
            requirement=requirement or found.editable[0],
            editable=editable,
            hashes=tuple(found.hash or ()),
            has_build_options=bool(found.build_options),
        )
    return Line(
        include=(found.requirement or found.constraint or [""])[0],
        include_constraints=bool(found.constraint and not found.requirement),
        require_hashes=False if found.no_require_hashes else (found.require_hashes or None),
        find_links=(found.find_links or [""])[0],
    )


@cache
def _parser() -> OptionParser:
    from optparse import OptionParser

    class Parser(OptionParser):
        def error(self, msg: str) -> NoReturn:
            raise ValueError(msg)

    parser = Parser(add_help_option=False)
    for names, dest in _COLLECTED:
        parser.add_option(*names, action="append", dest=dest)
    for name in ("--no-index", "--pre", "--prefer-binary", "--require-hashes", "--no-require-hashes"):
        parser.add_option(name, action="store_true")
    for single in _SINGLE:
        parser.add_option(*single)
    return parser
