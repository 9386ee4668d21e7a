"""The package indexes that Poetry asks: its sources, with the credentials in its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright import Index, SecretStr
from layerwright_poetry.files import poetry_table
from layerwright_poetry.indexes import login_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import EnvironmentRequest

__all__ = ["index_urls"]


def index_urls(request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the sources, and an empty string for the default index.

    The lock file names the source of a distribution only if that is another one.
    """
    found = poetry_table(request.project).get("source")
    sources = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    named = (_location(one, request.environment) for one in sources if isinstance(one.get("url"), str))
    return ("", *named)


def _location(source: Mapping[str, Any], variables: Mapping[str, str]) -> str | SecretStr:
    name, url = str(source.get("name", "")), source["url"]
    user, password = (variables.get(f"{login_prefix(name)}_{what}", "") for what in ("USERNAME", "PASSWORD"))
    return Index(name=name, url=url, username=user, password=SecretStr(password)).location
