"""The package indexes that Pipenv asks: the sources in its lock file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layerwright import Index
from layerwright_pipenv.lock_file import sources

if TYPE_CHECKING:
    from layerwright import EnvironmentRequest, SecretStr

__all__ = ["index_urls"]


def index_urls(request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the sources, with the values of the variables in them, and that of a mirror."""
    variables = request.environment
    mirror = variables.get("PIPENV_PYPI_MIRROR", "")
    urls = [*([mirror] if mirror else []), *sources(request.project)]
    full = (re.sub(r"\$\{?(\w+)\}?", lambda found: variables.get(found[1]) or found[0], url) for url in urls)
    return tuple(Index(name="", url=url).location for url in full)
