"""The indexes in the terms of pip, which installs tools, and which other package managers run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.contract.sources.index import IndexVariables, joined_locations

if TYPE_CHECKING:
    from layerwright.contract.sources.index import IndexRequest
    from layerwright.process.redaction import SecretStr

__all__ = ["pip_index_variables"]


def pip_index_variables(request: IndexRequest) -> IndexVariables:
    """Return the variables with which pip uses the indexes of *request*: the default one, and the others."""
    variables: dict[str, str | SecretStr] = {}
    if request.default is not None:
        variables["PIP_INDEX_URL"] = request.default.location
    if request.extra:
        variables["PIP_EXTRA_INDEX_URL"] = joined_locations(request.extra)
    if request.certificates is not None:
        variables["PIP_CERT"] = str(request.certificates)
    if any(index.keyring for index in request.indexes):
        # The keyring of pip's own environment would be another distribution in its layer.
        variables["PIP_KEYRING_PROVIDER"] = "subprocess"
    return IndexVariables(variables=variables)
