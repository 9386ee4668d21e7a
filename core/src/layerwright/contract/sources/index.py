"""Package indexes as values: what core passes to a package manager, and what that returns."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Final, Generic
from urllib.parse import quote, urlsplit

from layerwright.contract.values.settings import S
from layerwright.files.frozen import frozen
from layerwright.process.authority import authority
from layerwright.process.redaction import SecretStr, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.files.project import Project

__all__ = ["Index", "IndexRequest", "IndexVariables", "joined", "same_index"]

_LOGIN: Final = r"://(?:[^/?#]*@)?"


# Its own __repr__ shows no secret.
@frozen
class Index:
    """A package index that the platform or the user has given."""

    name: str
    """Its name, in lower case and with dashes: ``acme-internal``."""

    url: str
    """The URL of its simple API, without user name and password; its path or query may contain a secret."""

    username: str | SecretStr = ""
    """The user name; a ``SecretStr`` if it is the secret itself. Empty if the index asks for none."""

    password: SecretStr | None = None
    """The password; ``None`` if there is none, or if only a keyring knows it."""

    default: bool = False
    """Whether it replaces the tool's default index. The others are asked in addition."""

    keyring: bool = False
    """Whether the tool asks a keyring for the password."""

    in_netrc: bool = False
    """Whether every program that reads the file in ``NETRC`` finds the credentials there."""

    origin: str = ""
    """Where it comes from, as text: ``the binding acme``."""

    def __repr__(self) -> str:
        return f"Index(name={self.name!r}, url={redacted(self.url)!r}, default={self.default})"

    @property
    def address(self) -> str | SecretStr:
        """The URL without user name and password; a ``SecretStr`` if the rest of it contains a secret."""
        return _guarded(self.url)

    @property
    def location(self) -> str | SecretStr:
        """The URL with user name and password, percent-encoded; a ``SecretStr`` if it has one of them.

        In a URL, a user name without a password may be a token. Those that the URL has already are replaced.
        """
        user, password = (_value(part) for part in (self.username, self.password))
        if not user and not password:
            return self.address
        login = f"{quote(user, safe='')}:{quote(password, safe='')}" if password else quote(user, safe="")
        return SecretStr(re.sub(_LOGIN, f"://{login}@", self.url, count=1))

    @property
    def has_secret(self) -> bool:
        """Whether there is a password, or a user name that is a secret."""
        return self.password is not None or isinstance(self.username, SecretStr)

    def is_at(self, url: object) -> bool:
        """Return whether *url* is that of this index; credentials, a query and a slash at its end do not count."""
        return isinstance(url, str) and same_index(url, self.url)


@frozen
class IndexRequest(Generic[S]):
    """Arguments of :meth:`PackageManager.index_variables`."""

    project: Project
    """The application."""

    settings: S
    """The settings of the package manager, checked."""

    indexes: tuple[Index, ...]
    """The indexes, at least one; at most one is the default."""

    certificates: Path | None = None
    """A PEM file with the certificates to trust: those of the indexes and of the machine; ``None``: the tool's own."""

    @property
    def default(self) -> Index | None:
        """The index that replaces the tool's default one."""
        return next((index for index in self.indexes if index.default), None)

    @property
    def extra(self) -> tuple[Index, ...]:
        """The indexes that are asked in addition."""
        return tuple(index for index in self.indexes if not index.default)


@frozen
class IndexVariables:
    """The indexes in a tool's own terms."""

    variables: Mapping[str, str | SecretStr]
    """Its variables. Every value with a credential is a ``SecretStr``. One that the user has set stays as it is."""

    unused: Mapping[str, str] = field(default_factory=dict)
    """By the name of each index that the tool will not use, a sentence that says why."""


def same_index(one: str, other: str) -> bool:
    """Return whether two URLs are those of the same index, as :meth:`Index.is_at` decides it."""
    return _place(one) == _place(other)


def joined(urls: Sequence[str | SecretStr]) -> str | SecretStr:
    """Return *urls*, separated by blanks; a ``SecretStr`` if one of them is."""
    text = " ".join(map(_value, urls))
    return SecretStr(text) if any(isinstance(url, SecretStr) for url in urls) else text


def _value(part: str | SecretStr | None) -> str:
    return part.get_secret_value() if isinstance(part, SecretStr) else part or ""


def _guarded(url: str) -> str | SecretStr:
    return SecretStr(url) if redacted(url) != url else url


def _place(url: str) -> tuple[object, ...]:
    server = authority(url)
    # Only what is a URL can be split.
    return *server, urlsplit(url if server.scheme else "").path.rstrip("/")
