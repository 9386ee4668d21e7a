"""The package index that pip would ask for the wheels of a tool, if reaching it takes nothing special."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from layerwright.build.policy.indexes.default import default_index
from layerwright.build.wheels.linked import linked_directories
from layerwright.contract.distributions import index_settings
from layerwright.process.authority import is_loopback
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright.contract.wheels import LockedWheels

__all__ = ["SimpleRepository", "is_secure", "repository_of"]

_CONFIGURATION: Final = "PIP_CONFIG_FILE"
_LINKS: Final = "PIP_FIND_LINKS"
# How patient pip is, and whom it trusts without a certificate: these only say no sooner here.
_WITHOUT_EFFECT: Final = frozenset({"PIP_DEFAULT_TIMEOUT", "PIP_RETRIES", "PIP_TIMEOUT", "PIP_TRUSTED_HOST"})
_UNDERSTOOD: Final = _WITHOUT_EFFECT | {"PIP_CERT", "PIP_INDEX_URL", _CONFIGURATION, _LINKS}
_CERTIFICATES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_PROXIES: Final = frozenset({"all_proxy", "http_proxy", "https_proxy"})


class SimpleRepository(NamedTuple):
    """A package index as the simple repository API has it: the URL of its root, with a slash at the end.

    *certificates* is the file with those that are trusted, empty for the machine's.
    """

    url: str
    certificates: str


def repository_of(
    locked: LockedWheels,
    environment: Mapping[str, str],
    *,
    prefix: str = sys.base_prefix,
    machine: str = "/etc/pip.conf",
) -> SimpleRepository | None:
    """Return the only index that has the wheels of *locked*, for the user's variables in *environment*.

    ``None``: there is none, or only pip can reach it: it has credentials, or a proxy is before it, for example.
    *prefix* is that of an interpreter whose bundled pip knows the default index, and *machine* the machine's file with
    settings of pip.
    """
    # Without HOME, pip asks the user database where the user's settings are.
    if locked.index is None or "HOME" not in environment or any(map(environment.get, _proxies(environment))):
        return None
    settings = {name: value for name, value in locked.index.items() if value}
    users = index_settings(environment)
    # A bundle replaces what the plugin has seen.
    if any(settings.get(name) != users[name] for name in users.keys() - _WITHOUT_EFFECT - {_CONFIGURATION}):
        return None
    plain = {name: value for name, value in settings.items() if isinstance(value, str)}
    if (
        plain.keys() < settings.keys()
        or plain.keys() - _UNDERSTOOD
        or _has_remote_links(plain.get(_LINKS, ""))
    ):
        return None
    if any(Path(file).exists() for file in _files(plain.get(_CONFIGURATION, ""), machine, environment)):
        return None
    version = "{}.{}.{}".format(*sys.version_info)
    url = plain.get("PIP_INDEX_URL") or default_index(Interpreter(version=version, prefix=Path(prefix)))
    if not is_secure(url):
        return None
    certificates = (plain.get("PIP_CERT"), *map(environment.get, _CERTIFICATES))
    return SimpleRepository(f"{url.rstrip('/')}/", next(filter(None, certificates), ""))


def is_secure(url: str) -> bool:
    """Return whether *url* is encrypted, or on this machine: then pip needs no ``PIP_TRUSTED_HOST``.

    https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host
    """
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _proxies(environment: Mapping[str, str]) -> Iterator[str]:
    return (name for name in environment if name.lower() in _PROXIES)


def _has_remote_links(links: str) -> bool:
    return len(linked_directories({_LINKS: links})) < len(links.split())


def _files(named: str, machine: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the files that may have settings of pip, and credentials.

    https://pip.pypa.io/en/stable/topics/configuration/#location
    """
    home = environment["HOME"]
    yield from [environment["NETRC"]] if environment.get("NETRC") else [f"{home}/.netrc", f"{home}/_netrc"]
    if named == os.devnull:
        return
    # A file that is named replaces none of the others, unless it exists.
    yield from filter(None, [named, machine])
    yield f"{sys.prefix}/pip.conf"
    yield f"{home}/.pip/pip.conf"
    yield f"{environment.get('XDG_CONFIG_HOME') or f'{home}/.config'}/pip/pip.conf"
    for directory in (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield f"{directory}/pip/pip.conf"
