"""Reads the policy from all sources of the configuration: it is merged, where other tables have one winner."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from layerwright.config.policy.durations import duration
from layerwright.config.policy.models import (
    EXCEPTIONS,
    LicenceSettings,
    PolicySettings,
    VulnerabilitySettings,
    check_pin,
)
from layerwright.config.policy.policy import Policy, Rank, Ruling
from layerwright.config.sources import POLICY, Given, Raw, variable
from layerwright.config.tables import keys_of, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from layerwright.config.policy.exemption import Exemption
    from layerwright.config.policy.models import ExceptionSettings
    from layerwright.config.sources import Sources
    from layerwright.config.tables import TableReader

__all__ = ["given_by", "policy_variables", "read_policy", "rule_names"]

_LICENCES: Final = "licences"
_AGE: Final = "min-release-age"
_INDEXES: Final = "indexes"
_VULNERABILITIES: Final = "vulnerabilities"
_DATABASE: Final = "database"
# Their values in variables are in TOML's notation.
_TABLES: Final = frozenset({EXCEPTIONS, _INDEXES, _VULNERABILITIES})


def policy_variables() -> dict[str, tuple[str, ...]]:
    """Return the name of the variable of each rule, with its key."""
    keys: list[tuple[str, ...]] = [(key,) for key in keys_of(PolicySettings) if key != _LICENCES]
    keys += [(_LICENCES, key) for key in keys_of(LicenceSettings)]
    return {variable((POLICY, *key)): key for key in keys}


def read_policy(sources: Sources, tables: TableReader, tell: Callable[[str, str], None]) -> Policy:
    """Return the policy in *sources*; *tables* reads values, and *tell* is called with each other mistake."""
    hints, rules = get_type_hints(PolicySettings, include_extras=True), keys_of(PolicySettings)
    for key in sources.keys:
        if key[0] == POLICY and len(key) > 1 and key[1] not in rules:
            for raw in sources.in_files(key):
                tell(raw.origin, f"is an unknown key{nearest(key[1], rules)}")
    rulings: list[Ruling] = []
    exemptions: list[Exemption] = []
    for name, field in rules.items():
        for raw in sources.raws((POLICY, name)):
            if name == _LICENCES and isinstance(raw.value, str) and raw.text:
                continue
            value = tables.value(hints[field.name], _from_text(raw, name, tell) if raw.text else _plain(raw))
            if name == EXCEPTIONS:
                exemptions += _exemptions(value or (), raw, rule_names(), tell)
            elif value is not None:
                rulings += _rulings(name, value, raw, tell)
    rulings += _licences_in_variables(sources, tables)
    ranked = _with_databases(sorted(rulings, key=lambda one: -one.rank), tell)
    return Policy(rulings=tuple(ranked), exemptions=tuple(sorted(exemptions, key=lambda one: -one.rank)))


def given_by(giver: str, environment: Mapping[str, str]) -> Given | None:
    """Return what *environment*, which is not the user's, says about the policy; ``None``: nothing."""
    table: dict[str, Any] = {}
    for name, key in policy_variables().items():
        if text := environment.get(name, "").strip():
            if len(key) == 1:
                table[key[0]] = text
            else:
                names = [item.strip() for item in text.split(",") if item.strip()]
                table.setdefault(key[0], {})[key[1]] = names
    return Given(giver, {POLICY: table}, text=True) if table else None


def rule_names() -> tuple[str, ...]:
    """Return the names that exceptions may use for rules."""
    return tuple(key for key in keys_of(PolicySettings) if key != EXCEPTIONS)


def _rank(raw: Raw) -> Rank:
    if raw.given:
        return Rank.PLATFORM
    return Rank.ENVIRONMENT if raw.text else Rank.APPLICATION


def _rulings(key: str, value: Any, raw: Raw, tell: Callable[[str, str], None]) -> Iterable[Ruling]:
    if isinstance(value, LicenceSettings):
        for field in fields(value):
            if names := getattr(value, field.name):
                yield Ruling(
                    rule=f"{key}.{field.name}",
                    value=names,
                    origin=f"{raw.origin}.{field.name}",
                    rank=_rank(raw),
                )
        return
    if isinstance(value, VulnerabilitySettings):
        table = {"deny": value.deny, "malware": value.malware, _DATABASE: value.database}
        if value.deny or value.malware != "allow" or value.database:
            given = {name: each for name, each in table.items() if each}
            yield Ruling(rule=key, value=given, origin=raw.origin, rank=_rank(raw))
        return
    if key == _INDEXES:
        for name, url in value.items():
            try:
                check_pin(name, url)
            except ValueError as error:
                tell(raw.origin, str(error))
        value = dict(value)
    found = duration(value) if key == _AGE else value
    yield Ruling(rule=key, value=found, origin=raw.origin, rank=_rank(raw))


def _with_databases(rulings: list[Ruling], tell: Callable[[str, str], None]) -> list[Ruling]:
    """Return *rulings*, the strongest first, each about vulnerabilities with its database, or else the strongest's."""
    found = [one for one in rulings if one.rule == _VULNERABILITIES]
    named = next((one.value[_DATABASE] for one in found if _DATABASE in one.value), "")
    if found and not named:
        tell(found[0].origin, f"has no {_DATABASE}, and no other source names one")
    return [one._replace(value={_DATABASE: named, **one.value}) if one in found else one for one in rulings]


def _licences_in_variables(sources: Sources, tables: TableReader) -> Iterable[Ruling]:
    for key in keys_of(LicenceSettings):
        name = variable((POLICY, _LICENCES, key))
        if name in sources.environment:
            raw = Raw(sources.environment[name], name, text=True)
            names = tables.value(tuple[str, ...], raw, ())
            yield Ruling(rule=f"{_LICENCES}.{key}", value=names, origin=name, rank=_rank(raw))


def _exemptions(
    values: Iterable[ExceptionSettings], raw: Raw, known: Iterable[str], tell: Callable[[str, str], None]
) -> Iterable[Exemption]:
    from layerwright.config.policy.exemption import Exemption

    for number, one in enumerate(values):
        if one.rule not in known:
            # An empty one is missing, which is said already.
            if one.rule:
                tell(
                    f"{raw.origin}[{number}].rule",
                    f'is "{one.rule}", which is no rule{nearest(one.rule, known)}',
                )
            continue
        if not one.expires:
            continue
        if one.id and one.rule != _VULNERABILITIES:
            tell(f"{raw.origin}[{number}].id", f"is for the rule {_VULNERABILITIES}, not for {one.rule}")
        if one.index and one.rule == _VULNERABILITIES:
            # An audit judges what is installed, of which nothing says where it came from.
            tell(
                f"{raw.origin}[{number}].index",
                f"is not for the rule {_VULNERABILITIES}, which judges a version, whichever index it comes from",
            )
        yield Exemption(
            distribution=one.distribution,
            rule=one.rule,
            reason=one.reason,
            expires=date.fromisoformat(one.expires),
            origin=f"{raw.origin}[{number}]",
            rank=_rank(raw),
            version=one.version or "",
            index=one.index or "",
            id=one.id or "",
        )


def _from_text(raw: Raw, key: str, tell: Callable[[str, str], None]) -> Raw:
    """Return *raw*, from a variable, with tables and arrays of tables in TOML's notation as what they are."""
    if key not in _TABLES:
        return raw
    try:
        value = tomllib.loads(f"value = {raw.value}")["value"]
    except tomllib.TOMLDecodeError as error:
        tell(raw.origin, f"is not in the notation of TOML: {error}")
        value = [] if key == EXCEPTIONS else {}
    return _plain(Raw(value, raw.origin, given=raw.given))


def _plain(raw: Raw) -> Raw:
    """Return *raw* with TOML's dates as text, which can be written either way."""
    value = raw.value
    if not isinstance(value, list):
        return raw
    return raw._replace(value=[_texts(item) if isinstance(item, dict) else item for item in value])


def _texts(table: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
        for key, value in table.items()
    }
