"""A base image as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.image.image import Image
from layerwright.image.layers.making import CREATED

if TYPE_CHECKING:
    from layerwright.cnb.target import Target
    from layerwright.image.base.contents import BaseContents

__all__ = ["BaseImage", "no_base"]


class BaseImage(NamedTuple):
    """A base image: its name with registry and tag, empty if there is none, and the digest of its manifest.

    ``contents`` is what it has, ``None`` if that is not known. ``manifest`` is the digest of the image itself, which
    differs from ``digest`` if the name leads to an index of platforms.
    """

    image: Image
    name: str = ""
    digest: str = ""
    contents: BaseContents | None = None
    manifest: str = ""

    @property
    def has_shell(self) -> bool:
        """Whether it has ``/bin/sh``, as far as is known."""
        return self.contents is None or self.contents.shell

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the base image."""
        pairs = (str(pair).partition("=") for pair in self.image.config.get("Env") or ())
        return {name: value for name, _, value in pairs}

    def target(self, machine: Target) -> Target:
        """Return the target of an image on this base, which *machine* builds."""
        distribution, version = self.contents.distribution if self.contents else ("", "")
        if not distribution:
            return machine if not self.image.layers else machine._replace(distro_name="", distro_version="")
        return machine._replace(distro_name=distribution, distro_version=version)


def no_base(target: Target) -> BaseImage:
    """Return a base with no file at all, for what *target* says about architecture and operating system."""
    variant = {"variant": target.arch_variant} if target.arch_variant else {}
    platform = {"architecture": target.arch, "os": target.os, **variant}
    return BaseImage(Image(layers=(), config={}, platform=platform, created=CREATED))
