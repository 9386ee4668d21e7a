"""Credentials for repositories that Git reads over HTTP, as variables with a configuration for Git alone.

See "GIT_CONFIG_COUNT" and "http.<url>.*" in git-config(1). Unlike a credential helper it needs no program, and unlike a
URL with a password it is in no message and in no clone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.process.redaction import KNOWN, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.build.indexes._list import Login

__all__ = ["git_variables"]

_COUNT: Final = "GIT_CONFIG_COUNT"


def git_variables(
    logins: Iterable[Login], certificates: str, environment: Mapping[str, str]
) -> dict[str, str | SecretStr]:
    """Return the variables with which Git logs in with *logins*, after the user's own in *environment*.

    *certificates* is the file of certificates to trust for these repositories, if it is not empty.
    """
    settings: list[tuple[str, str | SecretStr]] = []
    for login in logins:
        if login.username:
            header = f"Authorization: Basic {_base64(f'{login.username}:{login.password}')}"
            KNOWN.learn([header.rpartition(" ")[2]])
            settings.append((f"http.{login.url}.extraHeader", SecretStr(header)))
        if certificates:
            settings.append((f"http.{login.url}.sslCAInfo", certificates))
    if not settings:
        return {}
    text = environment.get(_COUNT, "")
    first = int(text) if text.isascii() and text.isdecimal() else 0
    found: dict[str, str | SecretStr] = {_COUNT: str(first + len(settings))}
    for number, (key, value) in enumerate(settings, first):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _base64(text: str) -> str:
    import binascii

    return binascii.b2a_base64(text.encode(), newline=False).decode()
