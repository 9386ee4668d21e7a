"""The package indexes that pip asks: those of its settings, and those that requirements files name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright import Index
from layerwright_pip.requirement_line import expanded

if TYPE_CHECKING:
    from layerwright import EnvironmentRequest, SecretStr
    from layerwright_pip.environment import Said

__all__ = ["index_urls"]

_OPTION: Final = re.compile(r"(?:-i|--(?P<kind>index|extra-index)-url|--pypi-url)[\s=]*(?P<url>\S+)")


def index_urls(request: EnvironmentRequest, said: Said) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the indexes, that of the main one first; an empty string is pip's default one."""
    settings = said.settings
    if "no-index" in settings or any("--no-index" in option.text for option in said.closure.options):
        return ()
    main = next((settings[name].value for name in ("index-url", "pypi-url") if name in settings), "")
    extra = settings["extra-index-url"].value.split() if "extra-index-url" in settings else []
    for option in said.closure.options:
        for found in _OPTION.finditer(option.text):
            url = expanded(found["url"].strip("'\""), request.environment)
            if found["kind"] == "extra-index":
                extra.append(url)
            else:
                main = url
    return tuple(Index(name="", url=url).location for url in (main, *extra))
