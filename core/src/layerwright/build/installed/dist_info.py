"""The distributions that are installed in a virtual environment, read from its ``.dist-info`` directories."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.contract.names import normalised_name
from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from layerwright.contract.sameness import Resolved

__all__ = [
    "DIST_INFO",
    "Installed",
    "differences",
    "directories_by_name",
    "editable_from",
    "files_outside",
    "identities",
    "installed_in",
    "is_editable",
    "label_of",
    "names_in",
    "record_files",
    "recorded_files",
    "records",
]

DIST_INFO: Final = ".dist-info"
_SHORT: Final = 12


class Installed(NamedTuple):
    """An installed distribution: normalised name, version, and its URL if it was installed by direct reference."""

    name: str
    version: str
    url: str = ""


def installed_in(site_packages: Path) -> tuple[Installed, ...]:
    """Return the distributions in *site_packages*, sorted; a damaged one counts as not installed."""
    if not site_packages.is_dir():
        return ()
    return tuple(sorted(_read(site_packages), key=lambda d: d.name))


def differences(installed: Iterable[Installed], wanted: Iterable[Resolved]) -> tuple[str, ...]:
    """Return each difference in name, version or origin between two sets, as text."""
    want = {d.name: d for d in wanted}
    missing = dict(want)
    found = []
    for there in installed:
        name, distribution = there.name, want.get(there.name)
        missing.pop(name, None)
        if distribution is None:
            found.append(f"{name} {there.version} is installed but was not resolved")
        elif there.version != distribution.version:
            found.append(f"{name} is installed in version {there.version}, not {distribution.version}")
        elif there.url != distribution.url:
            found.append(
                f"{name} came from {there.url or 'the index'}, not {distribution.url or 'the index'}"
            )
    return (*found, *(f"{distribution.words} is not installed" for distribution in missing.values()))


def names_in(site_packages: Path) -> set[tuple[str, str]]:
    """Return the normalised names and the versions that the names of the ``.dist-info`` directories contain.

    The directories are not read. A version is spelt as the author of the wheel spelt it, so different spellings may
    mean the same version.
    """
    try:
        entries = [path for path in site_packages.iterdir() if path.name.endswith(DIST_INFO)]
    except OSError:
        return set()
    complete = (path.name for path in entries if os.path.lexists(path / "RECORD"))
    parts = (name.removesuffix(DIST_INFO).rpartition("-") for name in complete)
    return {(normalised_name(name), version) for name, _, version in parts}


def directories_by_name(site_packages: Path) -> set[str]:
    """Return the normalised names that the ``.dist-info`` directories are called by, complete or not."""
    try:
        names = [path.name for path in site_packages.iterdir()]
    except OSError:
        return set()
    return {normalised_name(name.partition("-")[0]) for name in names if name.endswith(DIST_INFO)}


def identities(site_packages: Path, names: Collection[str]) -> dict[str, str]:
    """Return, for those of *names* (normalised) that are installed, text that another archive would change.

    It is the version, and the beginning of the digest of ``RECORD``, which has the digests of all installed files.
    """
    import hashlib

    found = {}
    for record in record_files(site_packages):
        name, _, version = record.parent.name.removesuffix(DIST_INFO).rpartition("-")
        if normalised_name(name) in names:
            digest = hashlib.sha256(record.read_bytes()).hexdigest()[:_SHORT]
            found[normalised_name(name)] = f"{version} (RECORD {digest})"
    return found


def record_files(site_packages: Path) -> list[Path]:
    """Return the ``RECORD`` files in *site_packages*, sorted: a distribution without one is incomplete."""
    return sorted(site_packages.glob(f"*{DIST_INFO}/RECORD"))


def label_of(dist_info: Path) -> str:
    """Return the name and the version of the distribution with the metadata *dist_info*, as text."""
    return dist_info.name.removesuffix(DIST_INFO).replace("-", " ", 1)


def files_outside(site_packages: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and version of each distribution with a file outside *site_packages*, and that file, absolute."""
    place = os.fspath(site_packages)
    for record in record_files(site_packages):
        # Hardly any distribution has one, and there are tens of thousands of names.
        content = record.read_bytes()
        if b"../" not in content and not re.search(rb'(?m)^"?/', content):
            continue
        label = label_of(record.parent)
        if b'"' in content:
            names = [name for name, _digest in records(record)]
        else:
            lines = [line for line in content.splitlines() if b"../" in line or line.startswith(b"/")]
            names = [line.partition(b",")[0].decode(errors="surrogateescape") for line in lines]
        for name in names:
            path = os.path.normpath(os.path.join(place, name))  # noqa: PTH118
            if not path.startswith(f"{place}{os.sep}"):
                yield label, path


def is_editable(dist_info: Path) -> bool:
    """Return whether the distribution with the metadata *dist_info* is editable (PEP 610)."""
    import json

    try:
        content: Any = json.loads((dist_info / "direct_url.json").read_bytes())
        return content.get("dir_info", {}).get("editable") is True
    except (OSError, ValueError, AttributeError):
        return False


def editable_from(site_packages: Path) -> Iterator[str]:
    """Yield the source directory of each editable distribution in *site_packages* (PEP 610)."""
    import json
    from urllib.parse import unquote, urlsplit

    for file in site_packages.glob(f"*{DIST_INFO}/direct_url.json"):
        try:
            content: Any = json.loads(bounded.read(file))
            url = urlsplit(content["url"]) if content["dir_info"]["editable"] is True else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if url is not None and url.scheme == "file":
            yield unquote(url.path, errors="surrogateescape")


def recorded_files(site_packages: Path, names: Collection[str]) -> Iterator[str]:
    """Yield the files of the distributions *names* (normalised), relative to *site_packages*."""
    for record in record_files(site_packages):
        name = record.parent.name.removesuffix(DIST_INFO).partition("-")[0]
        if normalised_name(name) in names:
            yield from (file for file, _ in records(record))


def records(record: Path) -> Iterator[tuple[str, str]]:
    """Yield each file in *record*, a ``RECORD``, with its digest if there is one."""
    import csv

    with record.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        for name, digest, *_ in ((*row, "") for row in csv.reader(file) if row):
            yield name, digest


def _read(site_packages: Path) -> Iterator[Installed]:
    for directory in site_packages.glob(f"*{DIST_INFO}"):
        try:
            head = (directory / "METADATA").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
        except OSError:
            continue
        fields = dict(re.findall(r"(?mi)^(name|version):[ \t]*(\S+)[ \t]*$", head))
        fields = {key.lower(): value for key, value in fields.items()}
        if fields.keys() >= {"name", "version"} and (directory / "RECORD").is_file():
            yield Installed(
                name=normalised_name(fields["name"]),
                version=fields["version"],
                url=_direct_url(directory / "direct_url.json"),
            )


def _direct_url(file: Path) -> str:
    import json

    try:
        content: Any = json.loads(file.read_bytes())
        url, commit = str(content["url"]), content.get("vcs_info", {}).get("commit_id", "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    return f"{url}@{commit}" if commit else url
