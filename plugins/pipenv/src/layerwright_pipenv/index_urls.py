"""The package indexes that Pipenv asks: the sources in its lock file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layerwright import SecretStr, redacted
from layerwright_pipenv.lock_file import read_lock

if TYPE_CHECKING:
    from layerwright import EnvironmentRequest

__all__ = ["index_urls"]


def index_urls(request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the sources, with the values of the variables in them, and that of a mirror."""
    variables = request.environment
    sources = read_lock(request.project).get("_meta", {}).get("sources", ())
    mirror = variables.get("PIPENV_PYPI_MIRROR", "")
    urls = [*([mirror] if mirror else []), *(str(source.get("url", "")) for source in sources)]
    full = (re.sub(r"\$\{?(\w+)\}?", lambda found: variables.get(found[1]) or found[0], url) for url in urls)
    return tuple(SecretStr(url) if redacted(url) != url else url for url in full)
