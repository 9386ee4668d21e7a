"""The package indexes that a tool asks, as far as its variables and a table of the application name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from layerwright.contract.sources.index import Index
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.contract.sources.terms import IndexTerms

__all__ = ["asked_in"]


def asked_in(
    terms: IndexTerms, tables: Sequence[Mapping[str, Any]], variables: Mapping[str, str]
) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the default index, empty if nothing names it, of those in *tables*, and of others.

    *tables* are the application's own indexes. *variables* are the user's, of which the *terms* name some.
    """
    named = [(str(one.get("name", "")), _location(one, variables)) for one in tables if one.get("url")]
    user, password = (variables.get(name or "", "") for name in (terms.username, terms.password))
    login = {"url": variables.get(terms.url or "", ""), "username": user, "password": password}
    replaced = [url for name, url in named if name == terms.default_name]
    default = replaced or [_location(login, variables)]
    others = [_location({"url": url}, variables) for url in variables.get(terms.extra or "", "").split()]
    return (*default, *(url for name, url in named if name != terms.default_name), *others)


def _location(table: Mapping[str, Any], variables: Mapping[str, str]) -> str | SecretStr:
    url, user, password = (
        re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found[1]) or found[0], str(table.get(key) or ""))
        for key in ("url", "username", "password")
    )
    secret = SecretStr(password) if password else None
    return Index(name="", url=url, username=user, password=secret).location if url else ""
