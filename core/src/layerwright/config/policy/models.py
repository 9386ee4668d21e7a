"""The table ``policy``: each field is a rule, except the exceptions.

Every build with a policy reads the annotations of these classes. So they are not strings, each of which would be
compiled.
"""

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Annotated, Final, Literal

from layerwright.config.policy.durations import duration
from layerwright.config.values import checked, shown
from layerwright.files.frozen import frozen

__all__ = [
    "EXCEPTIONS",
    "TABLES",
    "ExceptionSettings",
    "LicenceSettings",
    "PolicySettings",
    "VulnerabilitySettings",
    "check_pin",
]

EXCEPTIONS: Final = "exceptions"
"""The key that is no rule."""
TABLES: Final = frozenset({"licences", "indexes", "vulnerabilities", EXCEPTIONS})
"""The keys whose values are tables, or arrays of tables."""
_PATTERN: Final = r"\*|[A-Za-z0-9][A-Za-z0-9._-]*\*?"

Reaction = Literal["allow", "warn", "deny"]


def _duration(text: str) -> str:
    duration(text)
    return text


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a date such as 2027-01-31") from None
    return text


def _distribution(text: str) -> str:
    if not re.fullmatch(_PATTERN, text):
        raise ValueError('must be the name of a distribution, or the beginning of names such as "acme-*"')
    return text


def _address(text: str) -> str:
    if not text.startswith(("https://", "http://", "file://")):
        raise ValueError("must be the URL of an index, which starts with https://, http:// or file://")
    return text


def check_pin(name: str, url: str) -> None:
    """Check a distribution and its only index; ``ValueError``: words that follow the key, one of them is wrong."""
    try:
        _distribution(name)
    except ValueError as error:
        raise ValueError(f"has the key {shown(name)}: it {error}") from None
    try:
        _address(url)
    except ValueError as error:
        raise ValueError(f"has {shown(url)} for {name}: it {error}") from None


def _version(text: str) -> str:
    # Most versions are numbers, and importing `packaging` takes long.
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)*", text):
        from packaging.version import InvalidVersion, Version

        try:
            Version(text)
        except InvalidVersion:
            raise ValueError("must be one version, such as 2.4.1") from None
    return text


def _identifier(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.:-]*", text):
        raise ValueError("must be the identifier of one vulnerability, such as GHSA-… or CVE-…")
    return text


@frozen
class LicenceSettings:
    """Licences that distributions may have, by their SPDX identifiers; a ``*`` at the end is any characters."""

    allowed: tuple[str, ...] = field(default=(), metadata={"help": "the only licences that are allowed"})
    denied: tuple[str, ...] = field(default=(), metadata={"help": "licences that are not allowed"})


@frozen
class VulnerabilitySettings:
    """What to do about known vulnerabilities and malware."""

    deny: Literal["low", "medium", "high", "critical"] | None = field(
        default=None, metadata={"help": "the severity from which vulnerabilities are not allowed"}
    )
    malware: Reaction = field(default="deny", metadata={"help": "what to do about malicious distributions"})
    database: str | None = field(
        default=None,
        metadata={"help": "the database: a directory, FILE.zip, the URL of one or of a service, or osv"},
    )


@frozen
class ExceptionSettings:
    """A distribution to which a rule does not apply until a day."""

    distribution: Annotated[str, checked(_distribution)] = field(
        metadata={"help": "the name of the distribution; a * at the end is any characters"}
    )
    rule: str = field(metadata={"help": "the rule that does not apply to it, such as min-release-age"})
    reason: str = field(metadata={"help": "why, for those who read the log"})
    expires: Annotated[str, checked(_day)] = field(
        metadata={"help": "the last day on which it counts, such as 2027-01-31"}
    )
    version: Annotated[str | None, checked(_version)] = field(
        default=None, metadata={"help": "the only version that it is for"}
    )
    id: Annotated[str | None, checked(_identifier)] = field(
        default=None,
        metadata={
            "help": "the only vulnerability that it is for, such as GHSA-… or CVE-…: one of its identifiers"
        },
    )
    index: Annotated[str | None, checked(_address)] = field(
        default=None, metadata={"help": "the URL of the only index that it is for"}
    )


@frozen
class PolicySettings:
    """What may be installed. The strictest of all sources counts."""

    min_release_age: Annotated[str | None, checked(_duration)] = field(
        default=None, metadata={"help": 'how old an archive must be on its index, such as "7 days"'}
    )
    hashes: Literal["allow", "required"] = field(
        default="allow", metadata={"help": "whether every archive must be locked by its hash"}
    )
    build: Literal["allow", "never"] = field(
        default="allow", metadata={"help": "whether distributions may be built from source"}
    )
    yanked: Reaction = field(default="allow", metadata={"help": "what to do about yanked archives (PEP 592)"})
    archived: Reaction = field(
        default="allow", metadata={"help": "what to do about archived projects (PEP 792)"}
    )
    quarantined: Reaction = field(
        default="allow", metadata={"help": "what to do about quarantined projects (PEP 792)"}
    )
    startup_code: Literal["allow", "known", "deny"] = field(
        default="allow",
        metadata={"help": "whether distributions may run code at every start of the interpreter"},
    )
    licences: LicenceSettings | None = field(
        default=None, metadata={"help": "the licences that distributions may have"}
    )
    indexes: Mapping[str, str] = field(
        default_factory=dict, metadata={"help": "the only index that a distribution comes from, by its name"}
    )
    vulnerabilities: VulnerabilitySettings | None = field(
        default=None, metadata={"help": "what to do about known vulnerabilities and malware"}
    )
    exceptions: tuple[ExceptionSettings, ...] = field(
        default=(), metadata={"help": "distributions to which a rule does not apply"}
    )
