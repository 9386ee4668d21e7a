"""The netrc file of a build: the credentials of every index, by host, and what the user's own file has.

Every package manager reads the file that ``NETRC`` names, with its HTTP library, so it also serves the URLs that a lock
file names. See https://everything.curl.dev/usingcurl/netrc.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.indexes._list import Login

__all__ = ["Netrc", "netrc"]

_MACHINE: Final = r"(?:^|\s)machine\s+(\S+)"
_PLAIN: Final = frozenset("_.~+/=@:,!$%^&*-")


class Netrc(NamedTuple):
    """The text of the file, and the hosts in it whose credentials are those that were given for them.

    ``ambiguous`` are the hosts with several credentials, which the file cannot have; ``users`` those that the user's
    own file has already.
    """

    text: str
    hosts: frozenset[str]
    ambiguous: tuple[str, ...]
    users: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Netrc({sorted(self.hosts)})"


def netrc(logins: Iterable[Login], others: Iterable[str]) -> Netrc:
    """Return the file with *logins*, and with the texts of *others*, netrc files too; these win for their hosts."""
    texts = [text.strip() for text in others if text.strip()]
    users = {host.lower() for text in texts for host in re.findall(_MACHINE, text)}
    by_host: dict[str, set[tuple[str, str]]] = {}
    for login in logins:
        by_host.setdefault(login.host, set()).add((login.username, login.password))
    lines = [
        f"machine {host}\nlogin {_quoted(user)}\npassword {_quoted(password)}\n"
        for host, found in sorted(by_host.items())
        if len(found) == 1 and host not in users
        for user, password in found
    ]
    return Netrc(
        # Last, because a `default` entry ends a file.
        "".join([*lines, *(f"{text}\n\n" for text in texts)]),
        frozenset(host for host, found in by_host.items() if len(found) == 1 or host in users),
        tuple(sorted(host for host, found in by_host.items() if len(found) > 1 and host not in users)),
        tuple(sorted(users & by_host.keys())),
    )


def _quoted(value: str) -> str:
    if value and all(character.isalnum() or character in _PLAIN for character in value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
