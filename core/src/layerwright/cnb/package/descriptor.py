"""buildpack.toml: the description of a buildpack (Buildpack API, "buildpack.toml")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from layerwright.cnb import toml
from layerwright.cnb.api import EXEC_ENV_API, SUPPORTED_APIS
from layerwright.cnb.layers.layer import SBOM_MEDIA_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from layerwright.cnb.target import Target

__all__ = ["Descriptor", "DescriptorError", "declared_sboms"]

# "." and ".." match the specification's words, but an ID becomes the name of a directory.
_ID: Final = re.compile(r"(?!\.{1,2}$)[0-9A-Za-z./-]+")
# Directories that the lifecycle keeps next to those that it names after buildpacks.
_RESERVED: Final = frozenset({"app", "config", "sbom"})
_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


class DescriptorError(ValueError):
    """A descriptor is invalid; ``problems`` has a line for each mistake."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems: Final = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """A buildpack's descriptor. ``DescriptorError``: a value violates the specification.

    ``licenses`` are SPDX license expressions. No ``exec_env`` means every execution environment. A target may omit
    what does not matter to the buildpack; no targets mean any Linux. ``sbom_formats`` are the media types of its
    documents that list what layers contain.
    """

    id: str
    version: str
    name: str = ""
    api: str = SUPPORTED_APIS[0]
    clear_env: bool = False
    licenses: tuple[str, ...] = ()
    exec_env: tuple[str, ...] = ()
    sbom_formats: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()

    def __post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise DescriptorError(problems)

    def toml(self) -> str:
        """Return the descriptor as the text of a buildpack.toml."""
        return toml.dumps(self._document())

    def _document(self) -> dict[str, Any]:
        optional = {
            "name": self.name,
            "clear-env": self.clear_env,
            "licenses": [{"type": expression} for expression in self.licenses],
            # The specification uses tables, on which the lifecycle fails.
            "exec-env": list(self.exec_env),
            "sbom-formats": list(self.sbom_formats),
        }
        buildpack = {"id": self.id, "version": self.version, **_without_empty(optional)}
        targets = {"targets": [_target_table(target) for target in self.targets]}
        return {"api": self.api, "buildpack": buildpack, **_without_empty(targets)}


def declared_sboms(buildpack: Path) -> frozenset[str]:
    """Return the formats of bills of materials that the buildpack in the directory *buildpack* declares.

    The lifecycle fails on a document in any other format.
    """
    try:
        table = (toml.read(buildpack / "buildpack.toml") or {}).get("buildpack")
    except (OSError, ValueError):
        return frozenset()
    declared = table.get("sbom-formats") if isinstance(table, dict) else None
    listed = declared if isinstance(declared, list) else []
    return frozenset(form for form, media_type in SBOM_MEDIA_TYPES.items() if media_type in listed)


def _target_table(target: Target) -> dict[str, Any]:
    distribution = _without_empty({"name": target.distro_name, "version": target.distro_version})
    return _without_empty(
        {
            "os": target.os,
            "arch": target.arch,
            # The specification and pack use the one name, the lifecycle the other.
            "variant": target.arch_variant,
            "arch-variant": target.arch_variant,
            "distros": [distribution] if distribution else [],
        }
    )


def _problems(descriptor: Descriptor) -> Iterator[str]:
    if descriptor.api not in SUPPORTED_APIS:
        yield f"api is {descriptor.api!r}; {', '.join(SUPPORTED_APIS)} are supported"
    if not _ID.fullmatch(descriptor.id):
        yield f"buildpack.id is {descriptor.id!r}; it must be ASCII letters, digits, '.', '/' and '-'"
    if descriptor.id in _RESERVED:
        yield f"buildpack.id is {descriptor.id!r}, which is reserved"
    if not _VERSION.fullmatch(descriptor.version):
        yield (
            f"buildpack.version is {descriptor.version!r}; "
            "it must be three numbers without leading zeros, such as 1.2.3"
        )
    if descriptor.exec_env and descriptor.api in SUPPORTED_APIS and descriptor.api != EXEC_ENV_API:
        yield f"buildpack.exec-env needs api {EXEC_ENV_API}; api is {descriptor.api!r}"


def _without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value}
