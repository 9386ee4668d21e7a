"""The machine that a buildpack is packaged for, in the terms of each tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layerwright.cnb.target import Target
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Machine", "machine_of"]

# GOARCH -> the kernel's machine name, which wheels and archives of interpreters use.
_MACHINES: Final = {"amd64": "x86_64", "arm64": "aarch64"}
# The C library of the oldest common builder image; wheels for a newer one would not load there.
_GLIBC_MINORS: Final = range(17, 29)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A supported target of a buildpack; ``is_this`` says whether this machine runs its programs."""

    target: Target
    is_this: bool

    @property
    def name(self) -> str:
        """The kernel's name for it: ``x86_64``."""
        return _MACHINES[self.target.arch]

    @property
    def wheel_platforms(self) -> tuple[str, ...]:
        """The platform tags of its wheels, the most widely usable first (PEP 600)."""
        return (
            f"manylinux2014_{self.name}",
            *(f"manylinux_2_{minor}_{self.name}" for minor in _GLIBC_MINORS),
        )

    def marker_environment(self, python_version: str) -> Mapping[str, str]:
        """Return the environment for evaluating markers for CPython *python_version* (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": python_version,
            "os_name": "posix",
            "platform_machine": self.name,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": python_version,
            "python_version": ".".join(python_version.split(".")[:2]),
            "sys_platform": "linux",
        }


def machine_of(words: str, *, here: Target | None = None) -> Machine:
    """Return the machine for *words*, such as ``linux/arm64``; without any, this one.

    ``UserError``: the target is not supported.
    """
    here = here or Target.of_this_machine()
    wanted = words or f"{here.os}/{here.arch}"
    system, _, arch = wanted.partition("/")
    if system != "linux" or arch not in _MACHINES:
        known = " and ".join(f"linux/{arch}" for arch in _MACHINES)
        raise UserError(
            f"{wanted} is not a supported target.",
            cause=f"Supported targets: {known}.",
            remedy=f"Choose one of them: --target {known.partition(' ')[0]}",
            reference="unknown-target",
        )
    # Without a distribution: a buildpack runs on any distribution with glibc.
    return Machine(target=Target(os=system, arch=arch), is_this=(system, arch) == (here.os, here.arch))
