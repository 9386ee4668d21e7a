"""What is secret in this process, and the one way by which it is taken out of what is shown or kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.process._credentials import (
    PUBLIC,
    SHORTEST,
    in_environment,
    in_netrc,
    in_text,
    in_url,
    is_secret_name,
    references,
)
from layerwright.process._forms import arranged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "KNOWN",
    "MASK",
    "SecretStr",
    "Secrets",
    "installers_credentials",
    "redacted",
    "secret_variables",
    "without_secrets",
]

MASK: Final = "****"
# Up to the last "@", because a password may contain one.
_URL_CREDENTIALS: Final = r"://[^\s/\"']+@"
_URL_QUERY: Final = (
    r"(?i)([?&;][\w.-]*(?:token|secret|passw|credential|key|sig|auth|access)[\w.-]*=)[^\s&;#\"'<>]+"
)
_LONGEST_FILE: Final = 4_000_000


class SecretStr:
    """A value that shows itself as ``****`` everywhere but where it is asked for by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """Return the value itself, for the environment of a process and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "SecretStr('****')"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and other._value == self._value

    def __hash__(self) -> int:
        return hash((SecretStr, self._value))


class Secrets:
    """Secrets that were learnt from where they come from, and their removal from text.

    A value is found in every form that it is likely to be written in: as it is, percent-encoded, in JSON, in base64.
    One of fewer than 8 characters, or of fewer than 12 that are all letters, is found as a whole word only; one of
    fewer than 4, or one that is a word of every log (``main``, ``true``), only in the URL that it stands in.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self._values: dict[str, None] = {}
        self._forms: tuple[tuple[str, ...], tuple[str, ...]] | None = ((), ())
        self._environment: dict[str, str] = {}
        self._referred: set[str] = set()

    def learn(self, values: Iterable[str]) -> None:
        """Remember *values*, and each line of one that has several, as secrets."""
        for value in values:
            for part in (value, *value.splitlines()):
                for each in (part.strip(), _decoded(part.strip())):
                    if len(each) >= SHORTEST and each not in self._values:
                        self._values[each] = None
                        self._forms = None

    def learn_secret(self, secret: SecretStr) -> None:
        """Remember the value of *secret*; of a URL, what is secret in it."""
        value = secret.get_secret_value()
        self.learn(in_environment({"INDEX": value}) if "://" in value else in_environment({"SECRET": value}))

    def learn_url(self, url: str) -> None:
        """Remember what is secret in *url*, the address of a package index or of a mirror."""
        self.learn(in_url(url, index=True))

    def learn_environment(self, environment: Mapping[str, str]) -> None:
        """Remember what is secret of *environment*, and of the ``.netrc`` that it leads to."""
        if environment.items() <= self._environment.items():
            return
        self._environment.update(environment)
        self.learn(in_environment(environment))
        home = environment.get("HOME", "")
        for file in (environment.get("NETRC", ""), home and f"{home}/.netrc"):
            self.learn(in_netrc(_content(file)) if file else ())

    def learn_file(self, data: bytes, *, foreign: bool) -> None:
        """Remember what is secret in *data*, the content of a file that a build reads.

        A *foreign* one is not of the application: what it assigns to a password or a token is a secret.
        """
        if len(data) > _LONGEST_FILE:
            return
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        text = data.decode(encoding, errors="replace")
        if "\0" in text[:1000]:
            return
        if "$" in text:
            self._referred |= references(text)
        self.learn(in_text(text, self._environment, foreign=foreign))

    def refers_to(self, name: str) -> bool:
        """Return whether a file that was read refers to the variable *name* in a URL."""
        return name in self._referred

    def variables(self, environment: Mapping[str, str]) -> frozenset[str]:
        """Return the names of those variables of *environment* that hold a secret, or have one in their value."""
        return frozenset(
            name
            for name, value in environment.items()
            if value
            and (
                is_secret_name(name)
                or name in self._referred
                or value in self._values
                or (self.masked(value) if "://" in value else self.masked_values(value)) != value
            )
        )

    @property
    def any(self) -> bool:
        """Whether there is a secret that is found wherever it is, and not as a word only."""
        return bool(self._arranged[0])

    def are_in(self, data: bytes) -> bool:
        """Return whether such a secret is in *data*."""
        return any(form.encode(errors="surrogateescape") in data for form in self._arranged[0])

    def masked(self, text: str) -> str:
        """Return *text* with ``****`` in the place of each secret, and of the credentials of any URL: for people."""
        text = self.masked_values(text)
        for word in self._arranged[1]:
            if word in text:
                text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", MASK, text)
        if "://" in text:
            text = _without_queries(re.sub(_URL_CREDENTIALS, f"://{MASK}@", text))
        return text

    def masked_url(self, text: str) -> str:
        """Return *text*, a URL or what has some in it, without secrets: for files, where a word is left what it is.

        So is a name that is no secret, as in ``ssh://git@example.com``, and a variable in the place of one.
        """
        text = self.masked_values(text)
        if "://" in text:
            text = _without_queries(re.sub(_URL_CREDENTIALS, _without_credentials, text))
        return text

    def masked_values(self, text: str) -> str:
        """Return *text* without the secrets that are known, but for words; a URL that nobody knew of stays as it is."""
        for form in self._arranged[0]:
            if form in text:
                text = text.replace(form, MASK)
        return text

    @property
    def _arranged(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if self._forms is None:
            self._forms = arranged(self._values)
        return self._forms

    def digests(self) -> frozenset[str]:
        """Return the SHA-256, in hexadecimal, of each secret and of each variable that has one in its value."""
        import hashlib

        whole = (self._environment[name] for name in self.variables(self._environment))
        values = {text for value in (*self._values, *whole) for text in (value, value.strip(), f"{value}\n")}
        return frozenset(
            hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest() for value in values
        )


KNOWN: Final = Secrets()
"""The secrets that this process knows; whatever prints or stores text consults it, so that no plugin bypasses it."""


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return *text* without any of *secrets*, or any line of one, and without any other secret that is known.

    Known are the credentials of any URL, and everything that the environment and the files that were read gave away.
    """
    return KNOWN.masked(without_secrets(text, secrets))


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Return *text* without any of *secrets*, or any line of one, and without the credentials of any URL in it."""
    # Output comes line by line, and so does a secret of several lines.
    parts = {part.strip() for secret in secrets for part in (secret, *secret.splitlines())}
    for part in sorted(parts - {""}, key=len, reverse=True):
        text = text.replace(part, MASK)
    return re.sub(_URL_CREDENTIALS, f"://{MASK}@", text) if "://" in text else text


def secret_variables(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the names of those variables of *environment* that hold a secret.

    They are those with such a name (``…_TOKEN``, ``…_PASSWORD``), those that a file refers to in a URL as ``${NAME}``,
    and those in whose value there is a secret, whatever they are called: an index URL with credentials, for one. Files
    count once they were read through :class:`~layerwright.project.Project`.
    """
    KNOWN.learn_environment(environment)
    return KNOWN.variables(environment)


def installers_credentials(environment: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """Return those of :func:`secret_variables` that are there for an installer and not for the application.

    They are called after one of the package managers *names*, or a file refers to them in a URL.
    """
    prefixes = tuple(f"{name.upper().replace('-', '_')}_" for name in names)
    secret = secret_variables(environment)
    return frozenset(name for name in secret if name.startswith(prefixes) or KNOWN.refers_to(name))


def _without_queries(text: str) -> str:
    return re.sub(_URL_QUERY, rf"\1{MASK}", text) if "=" in text else text


def _without_credentials(found: re.Match[str]) -> str:
    userinfo = found[0].removeprefix("://").removesuffix("@")
    is_public = userinfo.lower() in PUBLIC or re.fullmatch(r"\$\{\w+\}(:\$\{\w+\})?", userinfo)
    return found[0] if is_public else f"://{MASK}@"


def _decoded(value: str) -> str:
    if "%" not in value:
        return value
    data = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), value.encode(errors="replace")
    )
    return data.decode(errors="replace")


def _content(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:  # noqa: PTH123  # pathlib is not needed otherwise
            return opened.read(_LONGEST_FILE)
    except OSError:
        return ""
