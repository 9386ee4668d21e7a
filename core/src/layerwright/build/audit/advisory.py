"""Records of the Open Source Vulnerability format, as far as they are about distributions of Python.

https://ossf.github.io/osv-schema/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.audit.severity import Severity, rated
from layerwright.contract.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["EVENTS", "Advisory", "Affected", "RecordError", "compact", "read_advisory"]

EVENTS: Final = ("introduced", "fixed", "last_affected", "limit")
"""The kinds of events in a range."""
_ECOSYSTEM: Final = "PyPI"
_MALWARE: Final = "MAL-"
# Releases are compared by the rules of the ecosystem in both; SEMVER is wrong for PyPI, and occurs.
_RANGES: Final = frozenset({"ECOSYSTEM", "SEMVER"})
_LINKS: Final = ("ADVISORY", "REPORT", "ARTICLE", "WEB")


class RecordError(ValueError):
    """A record is not one of the format; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Affected:
    """The versions of one distribution that a record is about."""

    name: str
    """Normalised."""

    versions: tuple[str, ...] = ()
    ranges: tuple[tuple[tuple[str, str], ...], ...] = ()
    """The events of each range, as pairs of one of ``EVENTS`` and a version."""

    severity: Severity = Severity.UNKNOWN
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """A vulnerability, or a malicious distribution, as one database describes it."""

    id: str
    aliases: tuple[str, ...] = ()
    modified: str = ""
    """When the record was changed, in the form of RFC 3339."""

    withdrawn: bool = False
    summary: str = ""
    url: str = ""
    severity: Severity = Severity.UNKNOWN
    score: float | None = None
    """The highest base score (CVSS), if there is one."""

    affected: tuple[Affected, ...] = ()

    @property
    def is_malware(self) -> bool:
        """Whether the distribution itself is malicious, and not only vulnerable."""
        return self.id.startswith(_MALWARE)


def read_advisory(document: Any) -> Advisory:
    """Return the record *document*; ``RecordError``: it is none. Fields with values of wrong types count as absent."""
    if not isinstance(document, dict):
        raise RecordError("not a JSON object")
    identity = _text(document.get("id"))
    if not identity:
        raise RecordError('no "id"')
    severity, score = rated(_word(document), _vectors(document))
    return Advisory(
        id=identity,
        aliases=tuple(filter(None, map(_text, _list(document.get("aliases"))))),
        modified=_text(document.get("modified")),
        withdrawn=bool(document.get("withdrawn")),
        summary=_summary(document),
        url=_url(document, identity),
        severity=severity,
        score=score,
        affected=tuple(_affected(one) for one in _of_python(document)),
    )


def compact(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record *document* without what :func:`read_advisory` does not read."""
    affected = [
        {
            "package": {"ecosystem": _ECOSYSTEM, "name": one["package"]["name"]},
            "versions": one.get("versions"),
            "ranges": [each for each in _tables(one.get("ranges")) if each.get("type") in _RANGES],
            "severity": one.get("severity"),
            "database_specific": {"severity": _word(one)},
        }
        for one in _of_python(document)
    ]
    return {
        "id": document.get("id"),
        "aliases": document.get("aliases"),
        "modified": document.get("modified"),
        "summary": _summary(document),
        "severity": document.get("severity"),
        "database_specific": {"severity": _word(document)},
        "references": [{"type": "ADVISORY", "url": _url(document, "")}],
        "affected": affected,
    }


def _of_python(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in _tables(document.get("affected")):
        package = one.get("package")
        # A suffix names a part of the ecosystem: "PyPI:https://…" is another index.
        if (
            isinstance(package, dict)
            and package.get("ecosystem") == _ECOSYSTEM
            and _text(package.get("name"))
        ):
            yield one


def _affected(table: Mapping[str, Any]) -> Affected:
    severity, score = rated(_word(table), _vectors(table))
    ranges = (one for one in _tables(table.get("ranges")) if one.get("type") in _RANGES)
    return Affected(
        name=normalised_name(table["package"]["name"]),
        versions=tuple(filter(None, map(_text, _list(table.get("versions"))))),
        ranges=tuple(
            tuple(
                (kind, str(event[kind]))
                for event in _tables(one.get("events"))
                for kind in EVENTS
                if isinstance(event.get(kind), str)
            )
            for one in ranges
        ),
        severity=severity,
        score=score,
    )


def _word(table: Mapping[str, Any]) -> str:
    specific = table.get("database_specific")
    return _text(specific.get("severity")) if isinstance(specific, dict) else ""


def _vectors(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(_text(one.get("type")), _text(one.get("score"))) for one in _tables(table.get("severity"))]


def _summary(document: Mapping[str, Any]) -> str:
    """Return one line: the summary, or the beginning of the details, which older records have alone."""
    text = _text(document.get("summary")) or _text(document.get("details")).strip()
    return " ".join(text.partition("\n")[0].split())


def _url(document: Mapping[str, Any], identity: str) -> str:
    found = [
        (_text(one.get("type")), url)
        for one in _tables(document.get("references"))
        if (url := _text(one.get("url"))).startswith(("https://", "http://"))
    ]
    # The page of the record itself, if it is among them: an advisory has the pages of others as well.
    own = [url for _, url in found if identity and url.rstrip("/").endswith(identity)]
    ranked = [url for kind in _LINKS for each, url in found if each == kind]
    return next(iter((*own, *ranked, *(url for _, url in found))), "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _tables(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in _list(value) if isinstance(one, dict))
