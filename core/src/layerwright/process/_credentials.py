"""Sources of secrets: URLs, environment variables, and files that contain credentials."""

from __future__ import annotations

import itertools
import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "PUBLIC",
    "SHORTEST",
    "in_environment",
    "in_netrc",
    "in_text",
    "in_url",
    "is_secret_name",
    "references",
]

SHORTEST: Final = 4
"""The minimal length of a value that is masked outside the URL or the variable that it comes from."""

# Kept as strings, and looked for only in what can contain them: most builds need few of them, and compiling all of them
# takes milliseconds.
_URL: Final = r"://([^\s\"'<>`\\]+)"
_VARIABLE: Final = r"\$(?:\{(\w+)\}|([A-Z_][A-Z0-9_]*))"
# The name, or its last words before a suffix that distinguishes several: UV_INDEX_ACME_PASSWORD,
# POETRY_PYPI_TOKEN_ACME.
_TELLING_NAME: Final = (
    r"(?:^|_)(?:TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIALS?|APIKEY|(?:API|ACCESS|PRIVATE|LICENSE)_?KEY)"
    r"(?:_(?!FILE|PATH|DIR|ID$)\w+)?$|_(?:AUTH|PASS)$"
)
_PARTS_OF_TELLING_NAMES: Final = ("TOKEN", "PASS", "SECRET", "CREDENTIAL", "KEY", "AUTH")
_TELLING_WORDS: Final = ("token", "secret", "passw", "credential")
_TELLING_PARAMETERS: Final = (*_TELLING_WORDS, "key", "sig", "auth", "access")
_INDEX_NAMES: Final = ("INDEX", "MIRROR", "FIND_LINKS", "REPOSITOR", "REGISTRY")
_INDEX_BEFORE: Final = (
    r"(?im)(?:index[-_]url|find[-_]links|mirror)\b[^\n]*$|(?:(?:^|\s)-[if]|^\s*url)[\"'\s=:]*[\w.+-]*$"
)
_ASSIGNED: Final = (
    r"""(?im)^[ \t]*["']?[\w.-]*(?:password|passwd|token|secret|api[-_]?key)["']?"""
    r"""[ \t]*[=:][ \t]*["']?([^\s"'#]+)"""
)

PUBLIC: Final = frozenset({
    "__token__", "anonymous", "default", "false", "git", "gitlab-ci-token", "hg", "latest", "main", "master",
    "none", "null", "oauth2", "oauth2accesstoken", "production", "public", "python", "test", "token", "true", "user",
    "username", "x-access-token", "x-oauth-basic", "x-token-auth",
})  # fmt: skip
"""Values that are not secret even in the place of a credential, and common words of logs."""
_NO_PASSWORD: Final = frozenset({"", "x", "x-oauth-basic"})
_ARCHIVES: Final = (".whl", ".zip", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".tar", ".git")
# Words of letters, each with at most a few digits: python3, pypi-virtual-2024, v1.2.
_WORD: Final = r"(?:[A-Z]?[a-z]*\d{0,4})"
_ORDINARY: Final = rf"{_WORD}(?:[-_.+~]{_WORD})*"
_VERSION: Final = r"v?\d+(?:[-_.+!]\w{1,12})+|\d+"
_RANDOM: Final = (
    r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9]{16,}"
    r"|(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w~-]{20,}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_SHORTEST_RANDOM: Final = 16
_PATH: Final = r"(?:/[\w.@+-]+)+/?"
# Paths by digest, as indexes use; a lock file has thousands of them.
_BY_DIGEST: Final = r"/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{60}/"
_SHORTEST_BY_DIGEST: Final = 67
_MANY_URLS: Final = 200


def is_secret_name(name: str) -> bool:
    """Return whether *name* is that of a secret variable: ``ACME_TOKEN``, ``UV_INDEX_ACME_PASSWORD``."""
    name = name.upper()
    return (
        any(part in name for part in _PARTS_OF_TELLING_NAMES) and re.search(_TELLING_NAME, name) is not None
    )


def in_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the secrets in *environment*: values of variables with secret names, and secrets in URLs."""
    for name, value in environment.items():
        if "://" in value:
            for url in _urls(value):
                yield from in_url(url, index=any(part in name.upper() for part in _INDEX_NAMES))
        elif is_secret_name(name):
            yield from _certain(value.strip())
        elif name.endswith("_USERNAME"):
            password = environment.get(f"{name.removesuffix('USERNAME')}PASSWORD")
            if password in _NO_PASSWORD or _is_random(value):
                yield from _certain(value)


def in_text(text: str, environment: Mapping[str, str], *, foreign: bool = False) -> Iterator[str]:
    """Yield the secrets in *text*, a file that a build reads, including its ``${VARIABLES}``.

    A *foreign* file is outside the application: what it assigns to a password or a token is a secret.
    """
    if "$" in text:
        for name, position in _references(text):
            if name in environment:
                yield from _referenced(environment[name], position)
        text = re.sub(_VARIABLE, lambda found: environment.get(found[1] or found[2], found[0]), text)
    if foreign:
        for value in re.findall(_ASSIGNED, text):
            yield from _certain(value)
    if "://" not in text:
        return
    # A lock file has thousands of them, and its secrets are in the usual places.
    few = text.count("://") < _MANY_URLS
    for found in re.finditer(_URL, text):
        if few:
            before = text[max(0, found.start() - 500) : found.start()]
            for url in _urls(found[0]):
                yield from in_url(url, index=re.search(_INDEX_BEFORE, before) is not None)
        elif "@" in found[1] or "?" in found[1]:
            yield from _in_authority_and_query(found[1])


def in_url(url: str, *, index: bool = False) -> Iterator[str]:
    """Yield the secrets in *url*: credentials, values of the query, parts of the path that look like tokens.

    In the URL of a package *index*, every part of the path that is not an ordinary name counts.
    """
    rest = url.partition("://")[2] or url
    yield from _in_authority_and_query(rest)
    path = rest.partition("#")[0].partition("?")[0].partition("/")[2]
    if len(path) >= _SHORTEST_BY_DIGEST and re.search(_BY_DIGEST, f"/{path}"):
        return
    segments = path.rstrip("/").split("/")
    index = index or segments[-1] == "simple"
    for segment in segments:
        if segment.lower().endswith(_ARCHIVES) or "@" in segment:
            continue
        if index and (any(word in segment.lower() for word in _TELLING_WORDS) or not _is_ordinary(segment)):
            yield from _likely(segment, ordinary=True)
        elif _is_random(segment):
            yield from _certain(segment)


def in_netrc(text: str) -> Iterator[str]:
    """Yield the passwords in *text*, a ``.netrc``, and logins that look like tokens."""
    words = text.split()
    for key, value in itertools.pairwise(words):
        if key in {"password", "account"}:
            yield from _certain(value.strip("\"'"))
        elif key == "login" and _is_random(value):
            yield from _certain(value)


def references(text: str) -> frozenset[str]:
    """Return the names of the variables that *text* refers to in a URL, as ``${NAME}`` or ``$NAME``."""
    return frozenset(name for name, position in _references(text) if position in {"credentials", "path"})


def _urls(text: str) -> Iterator[str]:
    for found in re.finditer(_URL, text):
        # Several, separated by commas.
        yield from (f"://{part}" for part in found[1].split("://"))


def _in_authority_and_query(rest: str) -> Iterator[str]:
    head = rest.partition("/")[0]
    if "@" in head:
        user, _, password = head.rpartition("@")[0].partition(":")
        if password in _NO_PASSWORD:
            yield from _certain(user)
        else:
            yield from _certain(password)
            if _is_random(user):
                yield from _certain(user)
    for pair in rest.partition("#")[0].partition("?")[2].replace(";", "&").split("&"):
        name, _, value = pair.partition("=")
        is_telling = any(word in name.lower() for word in _TELLING_PARAMETERS)
        yield from _certain(value) if is_telling else _likely(value)


def _references(text: str) -> Iterator[tuple[str, str]]:
    """Yield each variable in *text* with its place: the ``credentials`` or ``path`` of a URL, a ``hash``, or none."""
    for found in re.finditer(_VARIABLE, text):
        earliest = max(0, found.start() - 2000)
        start = max(text.rfind(blank, earliest, found.start()) for blank in " \t\n\"'") + 1
        _, is_url, within = text[start : found.start()].rpartition("://")
        position = ""
        if "#" in within or within.startswith("--hash"):
            position = "hash"
        elif is_url:
            follows = re.match(r"[^\s/\"']*", text[found.end() :])
            is_user = "/" not in within and follows is not None and "@" in follows[0]
            position = "credentials" if is_user or "?" in within else "path"
        yield found[1] or found[2], position


def _referenced(value: str, position: str) -> Iterator[str]:
    if "://" in value:
        for url in _urls(value):
            yield from in_url(url, index=True)
    elif position == "credentials":
        yield from _certain(value)
    elif position == "path":
        yield from _likely(value)
    elif not position and _is_random(value):
        yield value


def _certain(value: str) -> Iterator[str]:
    """Yield *value*, which is in the place of a secret, unless it cannot be one."""
    is_placeholder = value.startswith(("$", "{", "<")) or not value.strip("*")
    is_path = (
        value.startswith("/")
        and re.fullmatch(_PATH, value) is not None
        and (value.count("/") > 1 or os.path.exists(value))  # noqa: PTH110
    )
    if len(value) >= SHORTEST and value.lower() not in PUBLIC and not (is_placeholder or is_path):
        yield value


def _likely(value: str, *, ordinary: bool = False) -> Iterator[str]:
    """Yield *value*, which may not be a secret, if it is long and not a plain name, unless it is *ordinary*."""
    if len(value) >= 2 * SHORTEST and (ordinary or not _is_ordinary(value)):
        yield from _certain(value)


def _is_random(value: str) -> bool:
    return len(value) >= _SHORTEST_RANDOM and re.fullmatch(_RANDOM, value) is not None


def _is_ordinary(value: str) -> bool:
    is_word = value.isascii() and value.isalpha() and value.islower()
    return is_word or bool(re.fullmatch(_ORDINARY, value) or re.fullmatch(_VERSION, value))
