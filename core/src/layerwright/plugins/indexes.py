"""Asks a package manager about package indexes, and checks its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.contract.sources.index import IndexVariables
from layerwright.plugins.blame import blaming, checked_value, defect
from layerwright.plugins.wrong_types import not_strings
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.sources.index import IndexRequest
    from layerwright.contract.values.environment import EnvironmentRequest

__all__ = ["asked_indexes", "index_variables", "wrong_index_variables"]

_METHOD: Final = "index_variables"


def asked_indexes(
    manager: PackageManager, request: EnvironmentRequest, label: str
) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the indexes that *manager*, of the plugin *label*, asks; an empty one is its default."""
    with blaming(label, "index_urls"):
        urls = tuple(manager.index_urls(request))
    for url in urls:
        if not isinstance(url, SecretStr):
            checked_value(url, str, label, "index_urls")
    return urls


def index_variables(manager: PackageManager, request: IndexRequest, label: str) -> IndexVariables | None:
    """Return the answer of *manager*, of the plugin *label*; ``PluginError``: it is none of the contract."""
    with blaming(label, _METHOD):
        answer = manager.index_variables(request)
    if answer is None:
        return None
    found = checked_value(answer, IndexVariables, label, _METHOD)
    wrong = tuple(wrong_index_variables(found, request))
    if wrong:
        raise defect(label, "\n".join((f"{_METHOD} returned wrong values:", *wrong)))
    return found


def wrong_index_variables(found: IndexVariables, request: IndexRequest) -> Iterator[str]:
    """Yield a line for each part of *found*, the answer to *request*, that is not as the contract says."""
    yield from not_strings("IndexVariables.variables", found.variables, str | SecretStr)
    unused = tuple(not_strings("IndexVariables.unused", found.unused))
    yield from unused
    names = {index.name for index in request.indexes}
    if not unused:
        yield from (
            f"IndexVariables.unused has {name!r}, which is no index of the request."
            for name in found.unused
            if name not in names
        )
