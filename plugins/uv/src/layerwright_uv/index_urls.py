"""The package indexes that uv asks: those of its variables, and those of its settings in the project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from layerwright import Index, SecretStr, inline_metadata
from layerwright_uv.indexes import login_prefix
from layerwright_uv.local_source import table
from layerwright_uv.lock_file import lock_of
from layerwright_uv.workspace import settings_file, workspace_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import EnvironmentRequest, Project

__all__ = ["index_urls"]

_NAMED: Final = re.compile(r"(?:(?P<name>[\w.-]+)=)?(?P<url>\w+://\S+)")


def index_urls(request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
    """Return the URLs of the indexes, in the order in which uv asks them; an empty string is its default one.

    Those that the lock file names count anyway.
    """
    variables, trees = request.environment, list(_settings(request.project))
    configured = [one for tree in trees for one in _tables(tree.get("index"))]
    extra = [
        *_named(variables, "UV_INDEX"),
        *_named(variables, "UV_EXTRA_INDEX_URL"),
        *(one for one in configured if one.get("default") is not True),
        *({"url": url} for tree in trees for url in _strings(tree.get("extra-index-url"))),
    ]
    defaults: list[Mapping[str, Any]] = [
        *_named(variables, "UV_DEFAULT_INDEX"),
        *_named(variables, "UV_INDEX_URL"),
        *(one for one in configured if one.get("default") is True),
        *({"url": url} for tree in trees for url in _strings([tree.get("index-url")])),
        {"url": ""},
    ]
    return tuple(dict.fromkeys(_location(one, variables) for one in (*extra, defaults[0])))


def _settings(project: Project) -> Iterator[Mapping[str, Any]]:
    """Yield the settings of a script, and those of the project; a ``uv.toml`` replaces the table."""
    root, lock = workspace_of(project), lock_of(project)
    pyproject = root.name("pyproject.toml")
    if lock is not None and lock.script:
        yield table(inline_metadata(project, lock.script) or {}, "tool", "uv")
        # The project of a script hides this file, but uv reads it.
        pyproject = "./pyproject.toml"
    yield project.toml(settings_file(project)) or table(project.toml(pyproject), "tool", "uv")


def _named(variables: Mapping[str, str], name: str) -> Iterator[dict[str, Any]]:
    for word in variables.get(name, "").split():
        if found := _NAMED.fullmatch(word):
            yield found.groupdict()


def _location(one: Mapping[str, Any], variables: Mapping[str, str]) -> str | SecretStr:
    url, name = str(one.get("url", "")), str(one.get("name") or "")
    login = variables if name else {}
    user, password = (login.get(f"{login_prefix(name)}_{what}", "") for what in ("USERNAME", "PASSWORD"))
    return Index(name=name, url=url, username=user, password=SecretStr(password)).location


def _tables(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _strings(value: object) -> Iterator[str]:
    return (one for one in value if isinstance(one, str)) if isinstance(value, list) else iter(())
