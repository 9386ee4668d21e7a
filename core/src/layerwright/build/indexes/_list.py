"""The list of indexes: one for each name, merged from its sources and checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from layerwright.config.sources import INDEX_PREFIX
from layerwright.contract.sources.index import Index
from layerwright.process.authority import authority
from layerwright.process.redaction import KNOWN, SecretStr, secret_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.build.indexes.entries import Entry

__all__ = ["Login", "Merged", "certificates_of", "indexes_of", "login_of", "merged", "plain"]

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_CERTIFICATE: Final = r"(?s)-----BEGIN (?:TRUSTED )?CERTIFICATE-----.+?-----END (?:TRUSTED )?CERTIFICATE-----"
_BLANK: Final = ord(" ")
_SCHEMES: Final = ("https", "http", "file")


class Login(NamedTuple):
    """A URL without its credentials, and these."""

    url: str
    username: str
    password: str

    def __repr__(self) -> str:
        return "Login(****)"

    @property
    def host(self) -> str:
        """The host, without a port."""
        return urlsplit(self.url).hostname or ""


class Merged(NamedTuple):
    """The values of one name, each from the strongest source that has it."""

    name: str
    values: Mapping[str, str]
    places: Mapping[str, str]
    origin: str
    of_password: Entry | None

    def __repr__(self) -> str:
        return f"Merged({self.name!r}, {self.origin!r})"


def merged(entries: Iterable[Entry]) -> tuple[Merged, ...]:
    """Return *entries*, the strongest first, with one for each name."""
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    return tuple(_merged(name, found) for name, found in by_name.items())


def indexes_of(found: Iterable[Merged], problems: list[str]) -> tuple[Index, ...]:
    """Return the indexes *found*, and learn their secrets; add to *problems*, which never show a value."""
    indexes: list[Index] = []
    problems += [
        f"The name {one.name!r} of {one.origin} must have letters, digits and dashes only."
        for one in found
        if not all(part.isascii() and part.isalnum() for part in one.name.split("-"))
    ]
    for one in found:
        login = login_of(one, problems)
        default, keyring = (_boolean(one, key, problems) for key in ("default", "keyring"))
        if login is None:
            continue
        indexes.append(
            Index(
                name=one.name,
                url=login.url,
                username=_user(login, keyring=keyring),
                password=SecretStr(login.password) if login.password else None,
                default=default,
                keyring=keyring,
                origin=one.origin,
            )
        )
    defaults = [index for index in indexes if index.default]
    if len(defaults) > 1:
        named = "; ".join(f"{index.name}: {_default_place(index, found)}" for index in defaults)
        problems.append(
            f"Only one index can be the default, and {len(defaults)} are. {named}. The others need the type"
            " python-index, or default = false."
        )
    return tuple(indexes)


def login_of(one: Merged, problems: list[str]) -> Login | None:
    """Return the URL of *one* and its credentials; ``None``, with a problem, if it cannot be used."""
    url, place = one.values.get("url", ""), one.places.get("url", "")
    if not url:
        variable = f"{INDEX_PREFIX}{one.name.upper().replace('-', '_')}_URL"
        problems.append(
            f"The index {one.name} has no URL: {one.origin} has none. Set {variable}, or uri in its binding."
        )
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        problems.append(f"{place} is not a URL.")
        return None
    if parts.scheme not in _SCHEMES or not (parts.hostname or parts.scheme == "file"):
        problems.append(f"{place} has no scheme and host: it must begin with https://, http:// or file://.")
        return None
    if any(blank in url for blank in " \t\n\r\"'\\"):
        problems.append(f"{place} has a blank, a quote or a backslash, which no URL has.")
        return None
    KNOWN.learn_url(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    bare = parts._replace(netloc=host if port is None else f"{host}:{port}", fragment="").geturl()
    login = Login(
        bare,
        one.values.get("username") or unquote(parts.username or ""),
        one.values.get("password") or unquote(parts.password or ""),
    )
    count = len(problems)
    problems += [
        f"{one.places[key]} has several lines, or control characters."
        for key in ("username", "password")
        if any(ord(character) < _BLANK for character in one.values.get(key, ""))
    ]
    if login.password and not login.username:
        problems.append(
            f"The index {one.name} has a password and no user name. An index that takes a token alone often wants"
            " __token__ for it."
        )
    _refuse_elsewhere(one, login, problems)
    _refuse_keys(one, problems)
    return login if len(problems) == count else None


def certificates_of(found: Iterable[Merged], problems: list[str]) -> tuple[str, ...]:
    """Return the certificates of all *found*, in PEM, without anything else that the files have."""
    certificates: list[str] = []
    for one in found:
        if "certificate" not in one.values:
            continue
        blocks = re.findall(_CERTIFICATE, one.values["certificate"])
        if not blocks:
            problems.append(f"{one.places['certificate']} has no certificate in the format PEM.")
        certificates += blocks
    return tuple(dict.fromkeys(certificates))


def plain(value: str | SecretStr | None) -> str:
    """Return the text of *value*, for variables and for files that only their owner can read; empty for ``None``."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""


def _merged(name: str, entries: list[Entry]) -> Merged:
    values: dict[str, str] = {}
    places: dict[str, str] = {}
    for entry in entries:
        for key, value in entry.values.items():
            if key not in values:
                values[key], places[key] = value, entry.places[key]
    origins = " and ".join(dict.fromkeys(entry.origin for entry in entries))
    of_password = next((e for e in entries if "password" in e.values or "username" in e.values), None)
    return Merged(name, values, places, origins, of_password)


def _refuse_elsewhere(one: Merged, login: Login, problems: list[str]) -> None:
    """Refuse credentials of an index that another source says is at another host."""
    own = one.of_password.values.get("url", "") if one.of_password else ""
    if one.of_password and own and authority(own) != authority(login.url):
        problems.append(
            f"{one.places['url']} and {one.of_password.places['url']} name different hosts for the index {one.name},"
            " and its credentials are for the second."
        )


def _refuse_keys(one: Merged, problems: list[str]) -> None:
    if "private-key" in one.values:
        problems.append(
            f"{one.places['private-key']}: Layerwright passes on no client certificates. Remove it, and set the"
            " variables of the package manager, such as PIP_CLIENT_CERT or SSL_CLIENT_CERT."
        )


def _boolean(one: Merged, key: str, problems: list[str]) -> bool:
    text = one.values.get(key, "false").lower()
    if text not in _BOOLEANS:
        problems.append(f"{one.places[key]} must be true or false.")
    return _BOOLEANS.get(text, False)


def _user(login: Login, *, keyring: bool) -> str | SecretStr:
    """Return the user name, as a secret if it is one, and learn it and the password."""
    variables = {"INDEX_USERNAME": login.username, "INDEX_PASSWORD": login.password}
    if keyring and not login.password:
        return login.username
    is_secret = "INDEX_USERNAME" in secret_variables(variables)
    return SecretStr(login.username) if is_secret else login.username


def _default_place(index: Index, found: Iterable[Merged]) -> str:
    return next(one.places["default"] for one in found if one.name == index.name)
