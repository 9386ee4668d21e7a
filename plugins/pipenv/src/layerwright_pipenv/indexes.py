"""Package indexes in Pipenv's terms: a mirror of the public index, and those of pip, which it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import IndexVariables, pip_index_variables
from layerwright_pipenv.lock_file import LOCK, sources

if TYPE_CHECKING:
    from layerwright import Index, IndexRequest, SecretStr

__all__ = ["index_variables"]


def index_variables(request: IndexRequest) -> IndexVariables:
    """Return the variables of pip, and the mirror; pip finds the credentials of other sources by their hosts."""
    urls = sources(request.project)
    variables: dict[str, str | SecretStr] = {**pip_index_variables(request).variables}
    # pip would ask them for every distribution, whatever source the lock file has for it.
    variables.pop("PIP_EXTRA_INDEX_URL", None)
    if request.default is not None:
        variables["PIPENV_PYPI_MIRROR"] = request.default.location
    unused = {index.name: why for index in request.extra if (why := _why_unused(index, urls))}
    return IndexVariables(variables=variables, unused=unused)


def _why_unused(index: Index, urls: tuple[str, ...]) -> str:
    if not any(map(index.is_at, urls)):
        return (
            f"{LOCK} has no source with its URL, and Pipenv takes distributions from nowhere else. To use it, add"
            " it to [[source]] of the Pipfile, and lock again."
        )
    if index.has_secret and not index.in_netrc:
        return (
            "Another index at its host has other credentials, and Pipenv finds credentials by the host alone. Write"
            " them into the URL in the Pipfile as variables: https://${USER}:${PASSWORD}@…"
        )
    return ""
