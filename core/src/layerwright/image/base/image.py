"""A base image as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.image.image import Image
from layerwright.image.layers.making import CREATED

if TYPE_CHECKING:
    from layerwright.cnb.target import Target

__all__ = ["BaseImage", "no_base"]


class BaseImage(NamedTuple):
    """A base image: its name with registry and tag, empty if there is none, and the digest of its manifest.

    ``has_shell``: it has ``/bin/sh``.
    """

    image: Image
    name: str = ""
    digest: str = ""
    has_shell: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the base image."""
        pairs = (str(pair).partition("=") for pair in self.image.config.get("Env") or ())
        return {name: value for name, _, value in pairs}

    def target(self, machine: Target) -> Target:
        """Return the target of an image on this base, which *machine* builds."""
        return machine


def no_base(target: Target) -> BaseImage:
    """Return a base with no file at all, for what *target* says about architecture and operating system."""
    variant = {"variant": target.arch_variant} if target.arch_variant else {}
    platform = {"architecture": target.arch, "os": target.os, **variant}
    return BaseImage(Image(layers=(), config={}, platform=platform, created=CREATED))
