"""What runs buildpacks, as the tests drive it: the real lifecycle and the stand-in are both one of these."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from tests.lifecycle.image import remove

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence

    from tests.lifecycle.image import Image

__all__ = ["PLATFORM_API", "Launched", "Lifecycle", "Member", "PhaseFailed", "Platform", "Target"]

PLATFORM_API: Final = "0.15"
RUN_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""``PATH`` in the run image."""
_FIRST_ENTRIES: Final = 8192


class PhaseFailed(Exception):
    """A build ended in *phase* with *status* (``20`` no buildpack passed detection, ``51`` bin/build failed…)."""

    def __init__(self, phase: str, status: int, log: str) -> None:
        super().__init__(f"{phase} ended with status {status}\n{log}")
        self.phase = phase
        self.status = status
        self.log = log


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the run image is made for."""

    os: str = "linux"
    arch: str = "amd64"
    distro_name: str = "debian"
    distro_version: str = "12"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A buildpack of a group: its directory, and whether the group does without it."""

    path: Path
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What a platform decides for one build.

    *env* are the user's variables, files in ``<platform>/env/``; a path makes a symbolic link. *process* is the
    environment of the lifecycle itself, of which buildpacks get a few variables.
    """

    env: Mapping[str, str | bytes | Path] = field(default_factory=dict)
    process: Mapping[str, str] = field(default_factory=dict)
    exec_env: str = "production"
    target: Target = field(default_factory=Target)
    umask: int = 0o022


@dataclass(frozen=True, kw_only=True)
class Launched:
    """How a launched process ended, and what it wrote."""

    status: int
    output: str


class Lifecycle(ABC):
    """A lifecycle with one application below *root*, the images it has built there, and a cache.

    The application is built at the same paths every time; its layers directory is new for each build. After a
    build it is as the buildpacks left it, so that a test can look.
    """

    name: ClassVar[str]
    """``stand-in``, ``real``, or ``both``."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root
        self.app: Final = root / "app"
        self.layers: Final = root / "layers"
        self.platform: Final = root / "platform"
        self.cache: Final = root / "cache"
        self.home: Final = root / "home"
        for directory in (self.app, self.layers, self.platform / "env", self.cache, self.home):
            directory.mkdir(parents=True)

    def build(
        self, *order: Path | Member | Sequence[Path | Member], platform: Platform | None = None
    ) -> Image:
        """Build the application with the first group of *order* that passes; ``PhaseFailed``: it ended so.

        A buildpack, or several, that are given plainly are one group; a list of groups may be given instead.
        """
        platform = platform or Platform()
        groups = [order] if not order or not isinstance(order[0], (list, tuple)) else order
        members = [
            [item if isinstance(item, Member) else Member(path=item) for item in group]  # type: ignore[union-attr, arg-type]
            for group in groups
        ]
        remove(self.layers)
        self.layers.mkdir()
        remove(self.platform)
        (self.platform / "env").mkdir(parents=True)
        for name, value in platform.env.items():
            file = self.platform / "env" / name
            if isinstance(value, Path):
                file.symlink_to(value)
            else:
                file.write_bytes(value.encode(errors="surrogateescape") if isinstance(value, str) else value)
        return self._build(members, platform)

    @abstractmethod
    def _build(self, order: Sequence[Sequence[Member]], platform: Platform) -> Image: ...

    def keep(self) -> Callable[[], None]:
        """Return what brings back the application, the cache and the last image as they are now."""
        kept = self.root / "kept"
        remove(kept)
        shutil.copytree(self.app, kept / "app", symlinks=True)
        cache, image = self.keep_cache(), self._keep_image(kept)

        def restore() -> None:
            remove(self.app)
            shutil.copytree(kept / "app", self.app, symlinks=True)
            cache()
            image()

        return restore

    def keep_cache(self) -> Callable[[], None]:
        """Return what brings back the cache as it is now."""
        kept = self.root / "kept-cache"
        remove(kept)
        # Caches are written file by file and never changed in place.
        shutil.copytree(self.cache, kept, copy_function=os.link)

        def restore() -> None:
            remove(self.cache)
            shutil.copytree(kept, self.cache, copy_function=os.link)

        return restore

    @abstractmethod
    def _keep_image(self, kept: Path) -> Callable[[], None]: ...

    @abstractmethod
    def lose_image(self) -> None:
        """Make the next build find no previous image."""

    def lose_cache(self) -> None:
        """Make the next build find an empty cache."""
        remove(self.cache)
        self.cache.mkdir()

    def damage_cache(self) -> None:
        """Change the last byte of every layer in the cache, except for bills of materials.

        The lifecycle itself fails on damaged ones (0.21.17), before any buildpack runs.
        """
        for archive in self.cache.glob("committed/*.tar"):
            content = archive.read_bytes()
            if b"/layers/sbom" in content[:_FIRST_ENTRIES]:
                continue
            archive.unlink()  # a copy of the cache may share the file
            archive.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    @abstractmethod
    def start(
        self, image: Image, process: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start *process* of *image*, whose layers must be in place; with none, *arguments* as a command.

        Its output, the launcher's words included, goes to one pipe. *env* is what a container engine sets.
        """

    def launch(
        self, image: Image, process: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> Launched:
        """Run *process* of *image* to its end, with the layers and the application from the image alone."""
        image.place()
        started = self.start(image, process, *arguments, env=env)
        output, _ = started.communicate(timeout=120)
        return Launched(status=started.returncode, output=output.decode(errors="surrogateescape"))

    def process_environment(self, platform: Platform) -> dict[str, str]:
        """Return the environment that the lifecycle itself runs in."""
        return {"PATH": os.defpath, "HOME": str(self.home), "LANG": "C.UTF-8", **platform.process}
