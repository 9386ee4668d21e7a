"""The indexes in the terms of pip, which installs tools, and which other package managers run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.contract.sources.index import IndexVariables, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.contract.sources.index import IndexRequest
    from layerwright.process.redaction import SecretStr

__all__ = ["pip_index_variables", "pip_variables_for"]


def pip_index_variables(request: IndexRequest) -> IndexVariables:
    """Return the variables with which pip uses the indexes of *request*: the default one, and the others."""
    default = request.default.location if request.default is not None else ""
    variables = pip_variables_for((default, *(index.location for index in request.extra)))
    if request.certificates is not None:
        variables["PIP_CERT"] = str(request.certificates)
    if any(index.keyring for index in request.indexes):
        # The keyring of pip's own environment would be another distribution in its layer.
        variables["PIP_KEYRING_PROVIDER"] = "subprocess"
    return IndexVariables(variables=variables)


def pip_variables_for(urls: Sequence[str | SecretStr]) -> dict[str, str | SecretStr]:
    """Return the variables with which pip asks the indexes at *urls*.

    The first one replaces pip's default index, unless one of them is empty, which stands for that.
    """
    named = [url for url in urls if url]
    keeps_default = len(named) < len(urls)
    default, extra = ([], named) if keeps_default else (named[:1], named[1:])
    values = {"PIP_INDEX_URL": default, "PIP_EXTRA_INDEX_URL": extra}
    return {name: joined(found) for name, found in values.items() if found}
