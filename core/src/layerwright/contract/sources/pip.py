"""The indexes in the terms of pip, which installs tools, and which other package managers run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.contract.sources.index import IndexVariables
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.contract.sources.index import Index, IndexRequest

__all__ = ["pip_index_variables"]


def pip_index_variables(request: IndexRequest) -> IndexVariables:
    """Return the variables with which pip uses the indexes of *request*: the default one, and the others."""
    variables: dict[str, str | SecretStr] = {}
    if request.default is not None:
        variables["PIP_INDEX_URL"] = request.default.location
    if request.extra:
        variables["PIP_EXTRA_INDEX_URL"] = _joined(request.extra)
    if request.certificates is not None:
        variables["PIP_CERT"] = str(request.certificates)
    if any(index.keyring for index in request.indexes):
        # The keyring of pip's own environment would be another distribution in its layer.
        variables["PIP_KEYRING_PROVIDER"] = "subprocess"
    return IndexVariables(variables=variables)


def _joined(indexes: Sequence[Index]) -> str | SecretStr:
    found = [index.location for index in indexes]
    text = " ".join(one.get_secret_value() if isinstance(one, SecretStr) else one for one in found)
    return SecretStr(text) if any(isinstance(one, SecretStr) for one in found) else text
