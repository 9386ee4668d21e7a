"""Package indexes in uv's terms: variables with the credentials of named indexes.

See "Package indexes" in uv's documentation. An index that the application names itself keeps its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright import IndexVariables, SecretStr, inline_metadata
from layerwright_uv.local_source import table
from layerwright_uv.lock_file import lock_of
from layerwright_uv.workspace import settings_file, workspace_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright import Index, IndexRequest, Project
    from layerwright_uv.lock_file import Lock
    from layerwright_uv.manager import UvSettings

__all__ = ["index_variables", "login_prefix"]

_REGISTRY: Final = re.compile(r'registry = "([^"]+://[^"]+)"')


def index_variables(request: IndexRequest[UvSettings]) -> IndexVariables:
    """Return the variables of the indexes, which have the names and the URLs that the application knows them by.

    While uv checks the lock file, it accepts no other default index than the one in it.
    """
    project, lock = request.project, lock_of(request.project)
    declared = dict(_declared(project, lock))
    locked = _locked(project, lock)
    variables: dict[str, str | SecretStr] = {}
    more: list[str | SecretStr] = []
    unused: dict[str, str] = {}
    for index in request.indexes:
        names = [name for name, url in declared.items() if index.is_at(url)]
        # uv compares the URL with the lock file letter by letter.
        url = next(filter(index.is_at, locked), "") or index.address
        if names:
            variables |= _credentials(index, *names)
            continue
        if index.name in declared:
            unused[index.name] = f"[[tool.uv.index]] has another URL for the name {index.name}."
            continue
        if not index.default:
            more.append(_named(index, url))
        elif lock is not None and locked and url not in locked and not request.settings.frozen:
            unused[index.name] = (
                f"{lock.file} has other indexes, and uv takes its distributions from nowhere else."
                " To use this one, lock with it: UV_DEFAULT_INDEX=… uv lock"
            )
            continue
        else:
            variables["UV_DEFAULT_INDEX"] = _named(index, url)
        variables |= _credentials(index, index.name)
    if more:
        variables["UV_INDEX"] = _joined(more)
    if request.certificates is not None:
        variables["SSL_CERT_FILE"] = str(request.certificates)
    if any(index.keyring for index in request.indexes):
        variables["UV_KEYRING_PROVIDER"] = "subprocess"
    return IndexVariables(variables=variables, unused=unused)


def login_prefix(name: str) -> str:
    """Return how the variables with the credentials of the index *name* begin."""
    return f"UV_INDEX_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def _declared(project: Project, lock: Lock | None) -> Iterator[tuple[str, object]]:
    """Yield the name and the URL of each index that the application names itself."""
    root = workspace_of(project)
    trees = [
        project.toml(root.name("pyproject.toml")),
        {"tool": {"uv": project.toml(settings_file(project))}},
    ]
    if lock is not None and lock.script:
        trees = [inline_metadata(project, lock.script) or {}]
    for tree in trees:
        found = table(tree, "tool", "uv").get("index")
        for one in found if isinstance(found, list) else ():
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                yield one["name"], one.get("url")


def _locked(project: Project, lock: Lock | None) -> tuple[str, ...]:
    text = project.text(lock.file) if lock is not None else ""
    return tuple(dict.fromkeys(_REGISTRY.findall(text)))


def _credentials(index: Index, *names: str) -> dict[str, str | SecretStr]:
    found: dict[str, str | SecretStr] = {}
    for name in names:
        prefix = login_prefix(name)
        if index.username:
            found[f"{prefix}_USERNAME"] = index.username
        if index.password is not None:
            found[f"{prefix}_PASSWORD"] = index.password
    return found


def _named(index: Index, url: str | SecretStr) -> str | SecretStr:
    if isinstance(url, SecretStr):
        return SecretStr(f"{index.name}={url.get_secret_value()}")
    return f"{index.name}={url}"


def _joined(values: list[str | SecretStr]) -> str | SecretStr:
    text = " ".join(one.get_secret_value() if isinstance(one, SecretStr) else one for one in values)
    return SecretStr(text) if any(isinstance(one, SecretStr) for one in values) else text
