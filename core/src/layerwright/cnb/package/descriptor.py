"""buildpack.toml: what a buildpack says about itself (Buildpack API, "buildpack.toml")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from layerwright.cnb import toml
from layerwright.cnb.api import EXEC_ENV_API, SUPPORTED_APIS
from layerwright.cnb.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Descriptor", "DescriptorError"]

# "." and ".." match the specification's words, but an ID becomes the name of a directory.
_ID: Final = re.compile(r"(?!\.{1,2}$)[0-9A-Za-z./-]+")
# What the lifecycle keeps next to the directories that it names after buildpacks.
_RESERVED: Final = frozenset({"app", "config", "sbom"})
_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


class DescriptorError(ValueError):
    """A descriptor is not what it must be; ``problems`` has a line for each thing that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems: Final = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """A buildpack's descriptor. ``DescriptorError``: it has what the specification does not allow.

    ``licenses`` are SPDX license expressions. No ``exec_env`` is every execution environment. A target may leave
    out what does not matter to the buildpack; no targets at all are any Linux.
    """

    id: str
    version: str
    name: str = ""
    api: str = SUPPORTED_APIS[0]
    clear_env: bool = False
    licenses: tuple[str, ...] = ()
    exec_env: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()

    def __post_init__(self) -> None:
        problems = tuple(_problems(self._document()))
        if problems:
            raise DescriptorError(problems)

    def toml(self) -> str:
        """Return the descriptor as the text of a buildpack.toml."""
        return toml.dumps(self._document())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the descriptor at *path*, whatever keys it has that none here is for.

        ``DescriptorError``: it cannot be read, is damaged, or has what the specification does not allow.
        """
        try:
            document = toml.read(path)
        except (OSError, ValueError) as error:
            raise DescriptorError([f"it cannot be read: {error}"]) from error
        if document is None:
            raise DescriptorError([f"there is no {path.name}"])
        problems = tuple(_problems(document))
        if problems:
            raise DescriptorError(problems)
        buildpack = document["buildpack"]
        return cls(
            id=buildpack["id"],
            version=buildpack["version"],
            name=buildpack.get("name", ""),
            api=document["api"],
            clear_env=buildpack.get("clear-env", False),
            licenses=tuple(found["type"] for found in buildpack.get("licenses", ()) if "type" in found),
            exec_env=tuple(buildpack.get("exec-env", ())),
            targets=tuple(target for table in document.get("targets", ()) for target in _targets(table)),
        )

    def _document(self) -> dict[str, Any]:
        optional = {
            "name": self.name,
            "clear-env": self.clear_env,
            "licenses": [{"type": expression} for expression in self.licenses],
            # The specification has tables, which make the lifecycle fail.
            "exec-env": list(self.exec_env),
        }
        buildpack = {"id": self.id, "version": self.version, **_without_empty(optional)}
        targets = {"targets": [_target_table(target) for target in self.targets]}
        return {"api": self.api, "buildpack": buildpack, **_without_empty(targets)}


def _target_table(target: Target) -> dict[str, Any]:
    distribution = _without_empty({"name": target.distro_name, "version": target.distro_version})
    return _without_empty(
        {
            "os": target.os,
            "arch": target.arch,
            # The specification and pack call it the one, the lifecycle the other.
            "variant": target.arch_variant,
            "arch-variant": target.arch_variant,
            "distros": [distribution] if distribution else [],
        }
    )


def _targets(table: Mapping[str, Any]) -> Iterator[Target]:
    for distribution in table.get("distros") or [{}]:
        yield Target(
            os=table.get("os", ""),
            arch=table.get("arch", ""),
            arch_variant=table.get("variant", "") or table.get("arch-variant", ""),
            distro_name=distribution.get("name", ""),
            distro_version=distribution.get("version", ""),
        )


def _problems(document: Mapping[str, Any]) -> Iterator[str]:
    api = document.get("api")
    if api not in SUPPORTED_APIS:
        yield f"api is {_said(api)}; {', '.join(SUPPORTED_APIS)} are supported"
    buildpack = document.get("buildpack")
    if isinstance(buildpack, dict):
        yield from _buildpack_problems(buildpack, api)
    else:
        yield "there is no table [buildpack]"
    targets = document.get("targets", [])
    if not _is_list_of(dict, targets):
        yield "targets is not a list of tables"
    else:
        for target in targets:
            yield from _target_problems(target)


def _buildpack_problems(buildpack: Mapping[str, Any], api: object) -> Iterator[str]:
    for key, pattern, grammar in (
        ("id", _ID, "ASCII letters, digits, '.', '/' and '-'"),
        ("version", _VERSION, "three numbers without leading zeros, such as 1.2.3"),
    ):
        value = buildpack.get(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield f"buildpack.{key} is {_said(value)}; it must be {grammar}"
    if buildpack.get("id") in _RESERVED:
        yield f"buildpack.id is {buildpack['id']!r}, which is reserved"
    if not isinstance(buildpack.get("name", ""), str):
        yield "buildpack.name is not a string"
    if not isinstance(buildpack.get("clear-env", False), bool):
        yield "buildpack.clear-env is not a boolean"
    licenses = buildpack.get("licenses", [])
    if not _is_list_of(dict, licenses) or not _are_strings(licenses, ("type",)):
        yield "buildpack.licenses is not a list of tables with a type"
    exec_env = buildpack.get("exec-env", [])
    if not _is_list_of(str, exec_env):
        yield "buildpack.exec-env is not a list of strings"
    elif exec_env and api in SUPPORTED_APIS and api != EXEC_ENV_API:
        yield f"buildpack.exec-env needs api {EXEC_ENV_API}; api is {api!r}"


def _target_problems(target: Mapping[str, Any]) -> Iterator[str]:
    if not _are_strings([target], ("os", "arch", "variant", "arch-variant")):
        yield "the os, the architecture and the variant of a target are strings"
    distributions = target.get("distros", [])
    if not _is_list_of(dict, distributions) or not _are_strings(distributions, ("name", "version")):
        yield "the distros of a target are tables with a name and a version, which are strings"


def _is_list_of(kind: type, value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _are_strings(tables: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> bool:
    return all(isinstance(table.get(key, ""), str) for table in tables for key in keys)


def _said(value: object) -> str:
    return "missing" if value is None else repr(value)


def _without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value}
