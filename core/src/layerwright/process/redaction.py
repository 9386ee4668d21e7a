"""The secrets of this process, and their removal from everything that is shown or stored."""

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
    """A string that shows itself as ``****`` unless its value is requested by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """Return the value itself, only for the environment of a process."""
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
    """Collects secrets from their sources, and removes them from text.

    A value is found in every form in which it is likely to be written: as it is, percent-encoded, in JSON, in base64.
    One of fewer than 8 characters, or of fewer than 12 that are all letters, is found only as a whole word; one of
    fewer than 4, or one that is a common word of logs (``main``, ``true``), only in the URL that contains it.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all secrets."""
        self._values: dict[str, None] = {}
        self._forms: tuple[tuple[str, ...], tuple[str, ...]] | None = ((), ())
        self._environment: dict[str, str] = {}
        self._referred: set[str] = set()

    def learn(self, values: Iterable[str]) -> None:
        """Remember *values*, and each line of those with several lines, as secrets."""
        for value in values:
            for part in (value, *value.splitlines()):
                for each in (part.strip(), _decoded(part.strip())):
                    if len(each) >= SHORTEST and each not in self._values:
                        self._values[each] = None
                        self._forms = None

    def learn_secret(self, secret: SecretStr) -> None:
        """Remember the value of *secret*; if it is a URL, only the secrets in it."""
        value = secret.get_secret_value()
        self.learn(in_environment({"INDEX": value}) if "://" in value else in_environment({"SECRET": value}))

    def learn_url(self, url: str) -> None:
        """Remember the secrets in *url*, the URL of a package index or a mirror."""
        self.learn(in_url(url, index=True))

    def learn_variables(self, names: Iterable[str]) -> None:
        """Remember that the variables *names* hold credentials for installers, or name a file of these."""
        self._referred.update(names)

    def learn_environment(self, environment: Mapping[str, str]) -> None:
        """Remember the secrets in *environment*, and in the ``.netrc`` that it selects."""
        if environment.items() <= self._environment.items():
            return
        self._environment.update(environment)
        self.learn(in_environment(environment))
        home = environment.get("HOME", "")
        for file in (environment.get("NETRC", ""), home and f"{home}/.netrc"):
            self.learn(in_netrc(_content(file)) if file else ())

    def learn_file(self, data: bytes, *, foreign: bool) -> None:
        """Remember the secrets in *data*, the content of a file that a build reads.

        A *foreign* file is outside the application: what it assigns to a password or a token is a secret.
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
        """Return whether *name* is a variable of :meth:`learn_variables`, or a file that was read has it in a URL."""
        return name in self._referred

    def variables(self, environment: Mapping[str, str]) -> frozenset[str]:
        """Return the names of the variables of *environment* that are secret or have a secret in their value."""
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
        """Whether there is a secret that is masked anywhere, and not only as a word."""
        return bool(self._arranged[0])

    def are_in(self, data: bytes) -> bool:
        """Return whether *data* contains such a secret."""
        return any(form.encode(errors="surrogateescape") in data for form in self._arranged[0])

    def masked(self, text: str) -> str:
        """Return *text* for people, with ``****`` for each secret and for the credentials of any URL."""
        text = self.masked_values(text)
        for word in self._arranged[1]:
            if word in text:
                text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", MASK, text)
        if "://" in text:
            text = _without_queries(_without_logins(text))
        return text

    def masked_url(self, text: str) -> str:
        """Return *text*, which is or contains URLs, without secrets, for files: whole words stay as they are.

        Names that are not secret stay too, as in ``ssh://git@example.com``, and so do variables in the place of a
        secret.
        """
        text = self.masked_values(text)
        if "://" in text:
            text = _without_queries(re.sub(_URL_CREDENTIALS, _without_credentials, text))
        return text

    def masked_values(self, text: str) -> str:
        """Return *text* without the known secrets, except words; URLs with unknown credentials stay as they are."""
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
        """Return the SHA-256, in hexadecimal, of each secret and of each variable with a secret in its value."""
        import hashlib

        whole = (self._environment[name] for name in self.variables(self._environment))
        values = {text for value in (*self._values, *whole) for text in (value, value.strip(), f"{value}\n")}
        return frozenset(
            hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest() for value in values
        )


KNOWN: Final = Secrets()
"""The secrets that this process knows. All code that prints or stores text uses it, so no plugin can bypass it."""


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return *text* without *secrets*, their lines, and all known secrets.

    Those are the credentials of any URL, and the secrets of the environment and of files that were read.
    """
    return KNOWN.masked(without_secrets(text, secrets))


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Return *text* without *secrets*, their lines, and the credentials of any URL."""
    # Output arrives line by line, so a secret of several lines does too.
    parts = {part.strip() for secret in secrets for part in (secret, *secret.splitlines())}
    for part in sorted(parts - {""}, key=len, reverse=True):
        text = text.replace(part, MASK)
    return _without_logins(text)


def secret_variables(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the variables of *environment* that hold a secret.

    They are those with a secret name (``…_TOKEN``, ``…_PASSWORD``), those that a file uses in a URL as ``${NAME}``,
    and those with a secret in their value, for example an index URL with credentials. Files count after they were
    read through :class:`~layerwright.files.project.Project`.
    """
    KNOWN.learn_environment(environment)
    return KNOWN.variables(environment)


def installers_credentials(environment: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """Return those of :func:`secret_variables` that are for an installer and not for the application.

    They are named after one of the package managers *names*, or a file uses them in a URL.
    """
    prefixes = tuple(f"{name.upper().replace('-', '_')}_" for name in names)
    secret = secret_variables(environment)
    return frozenset(name for name in secret if name.startswith(prefixes) or KNOWN.refers_to(name))


def _without_logins(text: str) -> str:
    return re.sub(_URL_CREDENTIALS, f"://{MASK}@", text) if "://" in text and "@" in text else text


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
