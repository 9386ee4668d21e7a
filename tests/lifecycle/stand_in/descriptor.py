"""buildpack.toml as the stand-in reads it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.lifecycle.lifecycle import PhaseFailed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lifecycle.lifecycle import Member, Target

__all__ = ["Buildpack"]

_UNSUPPORTED_API = 12


@dataclass(frozen=True, kw_only=True)
class Buildpack:
    """A buildpack of a group."""

    id: str
    version: str
    api: tuple[int, int]
    path: Path
    optional: bool
    clear_env: bool
    sbom_formats: tuple[str, ...] = ()
    exec_env: tuple[str, ...] = ()
    targets: tuple[dict[str, Any], ...] = field(default=())

    @classmethod
    def of(cls, member: Member) -> Buildpack:
        document = tomllib.loads((member.path / "buildpack.toml").read_text())
        table = document["buildpack"]
        major, minor = map(int, document["api"].split("."))
        if not (0, 7) <= (major, minor) <= (0, 12):
            raise PhaseFailed(
                "detect", _UNSUPPORTED_API, f"{table['id']} wants Buildpack API {document['api']}"
            )
        return cls(
            id=table["id"],
            version=table["version"],
            api=(major, minor),
            path=member.path,
            optional=member.optional,
            clear_env=table.get("clear-env", False),
            sbom_formats=tuple(table.get("sbom-formats", ())),
            exec_env=tuple(table.get("exec-env", ())),
            targets=tuple(document.get("targets", ())),
        )

    @property
    def directory_name(self) -> str:
        return self.id.replace("/", "_")

    def supports(self, target: Target) -> bool:
        """Whether it says that it works on *target*: what either of them leaves open fits."""
        return not self.targets or any(_fits(wanted, target) for wanted in self.targets)

    def takes_part_in(self, exec_env: str) -> bool:
        return self.api < (0, 12) or not self.exec_env or bool({"*", exec_env} & set(self.exec_env))


def _fits(wanted: dict[str, Any], target: Target) -> bool:
    if wanted.get("os", target.os) != target.os or wanted.get("arch", target.arch) != target.arch:
        return False
    distributions = wanted.get("distros", ())
    return not distributions or any(
        each.get("name") == target.distro_name
        and each.get("version", target.distro_version) in {"", target.distro_version}
        for each in distributions
    )
