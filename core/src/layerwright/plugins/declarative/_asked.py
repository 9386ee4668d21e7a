"""The package indexes that a declared package manager asks, as far as its declaration says where they are named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from layerwright.contract.sources.index import Index
from layerwright.plugins.declarative._lock_file import value_at
from layerwright.plugins.declarative._model import PROJECT_FILE
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.contract.values.environment import EnvironmentRequest
    from layerwright.plugins.declarative._model import IndexesTable

__all__ = ["index_urls"]


def index_urls(said: IndexesTable, request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the default index, empty if nothing names it, of the application's own, and of others."""
    variables = request.environment
    tree = value_at(request.project.toml(PROJECT_FILE), said.declared) if said.declared else None
    tables = [one for one in tree if isinstance(one, dict)] if isinstance(tree, list) else []
    named = [(str(one.get("name", "")), _location(one, variables)) for one in tables if one.get("url")]
    user, password = (variables.get(name or "", "") for name in (said.username, said.password))
    login = {"url": variables.get(said.url or "", ""), "username": user, "password": password}
    replaced = [url for name, url in named if name == said.default_name]
    default = replaced or [_location(login, variables)]
    others = [_location({"url": url}, variables) for url in variables.get(said.extra or "", "").split()]
    return (*default, *(url for name, url in named if name != said.default_name), *others)


def _location(table: Mapping[str, Any], variables: Mapping[str, str]) -> str | SecretStr:
    url, user, password = (
        re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found[1]) or found[0], str(table.get(key) or ""))
        for key in ("url", "username", "password")
    )
    if "@" in url:
        return SecretStr(url)
    secret = SecretStr(password) if password else None
    return Index(name="", url=url, username=user, password=secret).location if url else ""
