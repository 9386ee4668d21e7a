"""The target: what an image will run on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Target"]

# The kernel's machine name -> GOARCH and variant. Names that are missing here are the same in both: ppc64le, s390x.
_ARCHITECTURES: Final = {
    "x86_64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "i686": ("386", ""),
}
_OS_RELEASE: Final = (Path("/etc/os-release"), Path("/usr/lib/os-release"))


class Target(NamedTuple):
    """The platform that the image runs on, in terms of Go's GOOS and GOARCH (Buildpack API, "Targets")."""

    os: str
    arch: str
    arch_variant: str = ""
    distro_name: str = ""
    distro_version: str = ""

    @classmethod
    def of_this_machine(
        cls, *, machine: str | None = None, os_release: tuple[Path, ...] = _OS_RELEASE
    ) -> Self:
        """Return the target of this machine, without a distribution if os-release(5) names none."""
        uname = os.uname()
        machine = machine or uname.machine
        arch, variant = _ARCHITECTURES.get(machine, (machine, ""))
        distribution = _assignments(os_release)
        return cls(
            os=uname.sysname.lower(),
            arch=arch,
            arch_variant=variant,
            distro_name=distribution.get("ID", ""),
            distro_version=distribution.get("VERSION_ID", ""),
        )

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return the target in the ``CNB_TARGET_*`` variables; missing values are empty."""
        return cls(**{name: environment.get(f"CNB_TARGET_{name.upper()}", "") for name in cls._fields})

    @property
    def words(self) -> str:
        """The target as text for the log: ``linux/amd64 (debian 12)``."""
        platform = "/".join(filter(None, (self.os, self.arch, self.arch_variant)))
        distribution = f"{self.distro_name} {self.distro_version}".strip()
        return f"{platform} ({distribution})" if distribution else platform


def _assignments(candidates: tuple[Path, ...]) -> dict[str, str]:
    for path in candidates:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        assignments = (line.partition("=") for line in text.splitlines())
        # os-release(5) quotes like a shell; an ID or a VERSION_ID has no character that needs an escape.
        return {key.strip(): value.strip().strip("\"'") for key, _, value in assignments}
    return {}
