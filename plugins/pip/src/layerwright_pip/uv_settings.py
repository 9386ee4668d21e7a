"""Translate pip's settings and the options in requirements files for uv. Others are refused.

uv gets no other settings, so an application has one configuration, whether pip or uv installs it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright import SecretStr, UserError, redacted
from layerwright_pip.pip_config import WITHOUT_EFFECT, absolute_paths
from layerwright_pip.requirement import Kind
from layerwright_pip.requirement_line import expanded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import Project
    from layerwright_pip.pip_config import PipSetting
    from layerwright_pip.requirements_file import Closure

__all__ = ["OF_PIP", "is_on", "refuse_what_uv_cannot", "uv_arguments", "uv_environment"]

_VARIABLES: Final = {
    "cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT", "default-timeout": "UV_HTTP_TIMEOUT",
    "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS", "index-url": "UV_DEFAULT_INDEX",
    "keyring-provider": "UV_KEYRING_PROVIDER", "pypi-url": "UV_DEFAULT_INDEX", "retries": "UV_HTTP_RETRIES",
    "timeout": "UV_HTTP_TIMEOUT",
}  # fmt: skip
OF_PIP: Final = frozenset({*_VARIABLES.values(), "UV_INSECURE_HOST"})
"""The variables that pass pip's settings to uv. They are no inputs themselves: pip's settings are."""

_OPTIONS: Final = {
    "build-constraint": "--build-constraints", "constraint": "--constraints", "no-binary": "--no-binary",
    "only-binary": "--only-binary",
}  # fmt: skip
_FLAGS: Final = {"no-deps": "--no-deps", "no-index": "--no-index", "pre": "--prerelease=allow"}
_KNOWN: Final = frozenset({
    *_VARIABLES, *_OPTIONS, *_FLAGS, *WITHOUT_EFFECT, "require-hashes", "resume-retries", "trusted-host",
})  # fmt: skip
_KEYRINGS: Final = frozenset({"disabled", "subprocess"})
_PATHS: Final = frozenset({"cert", "client-cert", "find-links"})

_INDEX_OPTION: Final = re.compile(r"(?<!\S)(?:-i|--index-url)")
_INDEX_SETTINGS: Final = frozenset({"extra-index-url", "index-url", "pypi-url"})
_PRE: Final = re.compile(r"(?<!\S)--pre(?!\S)")
_TRUSTED_HOST: Final = re.compile(r"(?<!\S)--trusted-host(?:=|\s+)(\S+)")
# uv does not know these, or ignores them with a warning.
_REFUSED: Final = re.compile(r"(?<!\S)--(?:all-releases|no-require-hashes|only-final|prefer-binary)(?![\w-])")


def is_on(settings: Mapping[str, PipSetting], name: str) -> bool:
    """Return whether the switch *name* has a value that pip reads as yes."""
    return name in settings and settings[name].value.lower() in {"y", "yes", "t", "true", "on", "1"}


def refuse_what_uv_cannot(settings: Mapping[str, PipSetting], closure: Closure) -> None:
    """Raise ``UserError`` if pip supports something here that uv does not. The error names each with its place."""
    problems = tuple(_problems(settings, closure))
    if problems:
        raise UserError(
            "uv cannot install this like pip.",
            cause="\n".join(problems),
            remedy=("Remove it, or let pip install it: remove installer from [tool.layerwright.pip].",),
            reference="not-for-uv",
        )


def uv_arguments(settings: Mapping[str, PipSetting], closure: Closure) -> tuple[str, ...]:
    """Return the options of ``uv pip`` for *settings* and for the options in the requirements files."""
    options = (
        f"{option}={word}"
        for name, option in _OPTIONS.items()
        if name in settings
        for word in settings[name].value.split()
    )
    on = {flag for name, flag in _FLAGS.items() if is_on(settings, name)}
    pre = {_FLAGS["pre"]} if any(_PRE.search(line.text) for line in closure.options) else set()
    return (*options, *sorted(on | pre))


def uv_environment(
    settings: Mapping[str, PipSetting],
    closure: Closure,
    *,
    project: Project,
    environment: Mapping[str, str],
) -> dict[str, str | SecretStr | None]:
    """Return the variables with which uv uses pip's indexes like pip, and ignores its own configuration."""
    found: dict[str, str | SecretStr | None] = {name: None for name in environment if name.startswith("UV_")}
    # pip gives no index precedence over another.
    found |= {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_NO_CONFIG": "1"}
    # In pip, an index in a requirements file replaces those of the settings. In uv, it does not.
    replaced = (
        _INDEX_SETTINGS if any(_INDEX_OPTION.search(line.text) for line in closure.options) else set[str]()
    )
    for name in sorted((settings.keys() & _VARIABLES.keys()) - replaced):
        value = settings[name].value
        if name in _PATHS:
            value = absolute_paths(value, project)
        value = ("," if name == "find-links" else " ").join(value.split())
        found[_VARIABLES[name]] = SecretStr(value) if redacted(value) != value else value
    hosts = [
        *(settings["trusted-host"].value.split() if "trusted-host" in settings else ()),
        *(h for line in closure.options for h in _TRUSTED_HOST.findall(expanded(line.text, environment))),
    ]
    return {**found, "UV_INSECURE_HOST": " ".join(hosts)} if hosts else found


def _problems(settings: Mapping[str, PipSetting], closure: Closure) -> Iterator[str]:
    for name in sorted(settings.keys() - _KNOWN):
        yield f"{settings[name].origin} sets {name}."
    if "keyring-provider" in settings and settings["keyring-provider"].value not in _KEYRINGS:
        yield f"{settings['keyring-provider'].origin} sets keyring-provider to a value that uv does not know."
    for place in closure.built_otherwise:
        yield f"{place}."
    for requirement in closure.requirements:
        if requirement.editable and requirement.target.kind is Kind.VCS:
            yield f"{requirement.place} is an editable repository."
    for line in closure.options:
        for option in _REFUSED.findall(line.text):
            yield f"{line.place} has {option}."
