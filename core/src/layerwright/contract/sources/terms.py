"""The terms of a tool that takes package indexes in a few variables, and in a table of the application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from layerwright.contract.sources.index import IndexVariables, joined
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.contract.sources.index import Index, IndexRequest
    from layerwright.process.redaction import SecretStr

__all__ = ["IndexTerms", "variables_in"]


@frozen
class IndexTerms:
    """The names of the variables: for the default index, for all others together, for certificates.

    Without variables for user name and password, these are in the URL. ``declared`` is what the log calls the
    application's own table of indexes, ``default_name`` the name of the default index in it. With ``netrc`` the tool
    takes the credentials of the others from netrc.
    """

    url: str | None = None
    username: str | None = None
    password: str | None = None
    extra: str | None = None
    certificates: str | None = None
    declared: str = ""
    default_name: str | None = None
    netrc: bool = False


@dataclass
class _Found:
    variables: dict[str, str | SecretStr] = field(default_factory=dict)
    unused: dict[str, str] = field(default_factory=dict)
    more: list[str | SecretStr] = field(default_factory=list)


def variables_in(
    terms: IndexTerms, request: IndexRequest, declared: Sequence[tuple[str, str]], tool: str
) -> IndexVariables:
    """Return the variables of *tool* in its *terms*; *declared* are the name and the URL of the application's own."""
    found = _Found()
    for index in request.indexes:
        names = [name for name, url in declared if index.is_at(url)]
        taken = [name for name, _ in declared if name == terms.default_name]
        complete = terms.username and terms.password and index.password is not None
        if terms.default_name in names and (complete or not index.has_secret):
            found.variables |= _separate(terms, index)
        elif names:
            if index.has_secret and not (terms.netrc and index.in_netrc):
                found.unused[index.name] = _no_login(terms, tool)
        elif index.default and terms.url and not taken:
            found.variables[terms.url] = index.address if complete else index.location
            found.variables |= _separate(terms, index) if complete else {}
        elif not index.default and terms.extra:
            found.more.append(index.location)
        else:
            found.unused[index.name] = _not_declared(terms, tool, taken)
    if terms.extra and found.more:
        found.variables[terms.extra] = joined(found.more)
    if terms.certificates and request.certificates is not None:
        found.variables[terms.certificates] = str(request.certificates)
    return IndexVariables(variables=found.variables, unused=found.unused)


def _separate(terms: IndexTerms, index: Index) -> dict[str, str | SecretStr]:
    found: dict[str, str | SecretStr] = {}
    if terms.username and index.username:
        found[terms.username] = index.username
    if terms.password and index.password is not None:
        found[terms.password] = index.password
    return found


def _no_login(terms: IndexTerms, tool: str) -> str:
    if terms.netrc:
        return (
            f"Another index at its host has other credentials, and {tool} finds those of {terms.declared} by the host"
            " alone. Write them into its URL there, as variables."
        )
    return f"{tool} takes no credentials for {terms.declared} from variables."


def _not_declared(terms: IndexTerms, tool: str, taken: Sequence[str]) -> str:
    if taken:
        return f"{terms.declared} has another URL for {taken[0]}, the default index."
    if terms.declared:
        return f"{tool} takes it only from {terms.declared}: add it there, and lock again."
    return f"{tool} has no variable for it."
