"""Names the index that an error is about, where several were given."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from layerwright.errors import CommandFailed
from layerwright.process.authority import authority

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from layerwright.contract.sources.index import Index

__all__ = ["naming_index"]

_OF_INDEXES: Final = frozenset({
    "archive-not-found", "index-busy", "index-certificate", "index-failing", "index-forbidden", "index-login",
    "index-not-secure", "index-unreachable",
})  # fmt: skip
_OF_LOGINS: Final = {
    "index-forbidden": "Check the URL and the credentials of the index",
    "index-login": "Correct the credentials of the index",
}
_URL: Final = re.compile(r"https?://[^\s'\"`)>]+")


def naming_index(error: CommandFailed, indexes: Sequence[Index]) -> CommandFailed:
    """Return *error* with the names of those *indexes* whose URLs are in its cause, and where to correct a login."""
    named = tuple(_named(error.cause, indexes)) if error.reference in _OF_INDEXES else ()
    if not named:
        return error
    remedy = error.remedy
    if error.reference in _OF_LOGINS:
        # Instead of the variables of the tool, which the user has not set.
        origins = " and ".join(dict.fromkeys(index.origin for index in named))
        remedy = (f"{_OF_LOGINS[error.reference]}: {origins}.", *remedy[1:])
    return CommandFailed(
        error.summary,
        returncode=error.returncode,
        cause="\n".join([*(_words(index, error.reference) for index in named), error.cause]),
        remedy=remedy,
        reference=error.reference,
        transient=error.transient,
    )


def _named(text: str, indexes: Sequence[Index]) -> Iterator[Index]:
    """Yield the indexes in *text*: those at the host of a URL whose paths have most in common with it."""
    found: dict[str, Index] = {}
    for url in _URL.findall(text):
        there = {index.name: index for index in indexes if _server(index.url) == _server(url)}
        common = {name: _in_common(_path(url), _path(index.url)) for name, index in there.items()}
        most = max(common.values(), default=0)
        found |= {name: index for name, index in there.items() if common[name] == most}
    yield from found.values()


def _in_common(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _words(index: Index, reference: str) -> str:
    login = ""
    if reference in _OF_LOGINS:
        given = (
            "no credentials there"
            if not index.keyring
            else "no password there, and a keyring is asked for it"
        )
        login = f" It has {'credentials there' if index.has_secret else given}."
    return f"This is the index {index.name}, from {index.origin}.{login}"


def _server(url: str) -> tuple[object, ...]:
    # An index may redirect to another scheme.
    return authority(url)[1:]


def _path(url: str) -> list[str]:
    return urlsplit(url).path.strip("/").split("/")
