"""Reads the metadata of installed distributions for a bill of materials."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom._licence import licence_of
from layerwright.build.bom.component import Component, pypi_purl, web_address
from layerwright.contract.names import normalised_name
from layerwright.files import bounded
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["described", "fields_in", "fields_of", "homepage_of"]

_HOMEPAGES: Final = ("homepage", "home", "source", "repository", "sourcecode", "documentation")


def fields_of(dist_info: Path) -> dict[str, tuple[str, ...]] | None:
    """Return the values of each field of ``METADATA`` by its name in small letters; ``None``: it cannot be read."""
    values = fields_in(dist_info / "METADATA")
    return values if {"name", "version"} <= values.keys() else None


def fields_in(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the values of each field of *file*, ``METADATA`` or ``WHEEL``; none if it cannot be read."""
    try:
        text = bounded.read(file).decode(errors="replace")
    except OSError:
        return {}
    found: dict[str, list[str]] = {}
    last: list[str] = []
    # The description follows the first empty line, and may be the whole README.
    for line in text.replace("\r\n", "\n").partition("\n\n")[0].split("\n"):
        if line[:1] in (" ", "\t"):
            last[-1:] = [f"{value}\n{line.strip()}" for value in last[-1:]]
            continue
        name, _, value = line.partition(":")
        last = found.setdefault(name.strip().lower(), [])
        last.append(value.strip())
    return {name: tuple(each) for name, each in found.items()}


def described(dist_info: Path, fields: Mapping[str, Sequence[str]]) -> Component:
    """Return the distribution with the metadata directory *dist_info* and these *fields*."""
    name, version = normalised_name(fields["name"][0]), fields["version"][0]
    origin = _origin(dist_info)
    url = KNOWN.masked_url(origin.get("url", ""))
    commit = origin.get("commit", "")
    editable = {"layerwright:editable": "true"} if origin.get("editable") else {}
    # A path of this machine says nothing elsewhere, and differs from machine to machine.
    local = url.startswith("file:")
    purl = pypi_purl(
        name,
        version,
        vcs_url=f"{origin['vcs']}+{url}@{commit}" if commit else "",
        download_url="" if local or commit else url,
    )
    return Component(
        name=name,
        version=version,
        purl=purl,
        description=_line(fields.get("summary", ())),
        licence=licence_of(fields),
        url="" if local else url,
        homepage=homepage_of(fields),
        notes={**editable, **({"layerwright:local-source": "true"} if local else {})},
    )


def homepage_of(fields: Mapping[str, Sequence[str]]) -> str:
    """Return the URL of the project, from ``Project-URL`` (by its well-known labels) or ``Home-page``."""
    labelled = {}
    for value in fields.get("project-url", ()):
        label, _, url = value.partition(",")
        # https://packaging.python.org/en/latest/specifications/well-known-project-urls/
        labelled["".join(filter(str.isalnum, label)).lower()] = url.strip()
    candidates = [labelled.get(label, "") for label in _HOMEPAGES]
    return next(filter(None, map(web_address, (*candidates, *fields.get("home-page", ())))), "")


def _line(values: Iterable[str]) -> str:
    return next(iter(values), "").partition("\n")[0]


def _origin(dist_info: Path) -> dict[str, str]:
    """Return where a direct reference (PEP 610) came from."""
    try:
        content: Any = json.loads(bounded.read(dist_info / "direct_url.json"))
        url = str(content["url"])
        vcs: Any = content.get("vcs_info", {})
        editable = content.get("dir_info", {}).get("editable") is True
        commit, name = str(vcs.get("commit_id", "")), str(vcs.get("vcs", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {"url": url, "commit": commit, "vcs": name, **({"editable": "true"} if editable else {})}
