"""A registry on loopback, and the real lifecycle as it exports to one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from tests.lifecycle.image import remove
from tests.lifecycle.real import RealLifecycle, write_run_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.fixtures.certificates import Certificates
    from tests.lifecycle.lifecycle import Target

__all__ = ["Registry", "RegistryLifecycle", "why_no_registry"]

_CONFIGURATION: Final = """\
version: 0.1
storage:
  filesystem:
    rootdirectory: {storage}
http:
  addr: 127.0.0.1:0
{tls}{login}"""
_TLS: Final = """\
  tls:
    certificate: {certificates.server}
    key: {certificates.key}
"""
_LOGIN: Final = """\
auth:
  htpasswd:
    realm: here
    path: {users}
"""


def why_no_registry() -> str:
    """Return why no registry can be served here, nothing if one can."""
    missing = [name for name in ("docker-registry", "skopeo") if shutil.which(name) is None]
    return f"needs {' and '.join(missing)} on PATH" if missing else ""


class Registry:
    """A registry that listens at *address* and keeps images below *root*."""

    def __init__(self, root: Path, address: str) -> None:
        self.root: Final = root
        self.address: Final = address

    @classmethod
    @contextmanager
    def served(
        cls,
        root: Path,
        *,
        users: str = "",
        certificates: Certificates | None = None,
        program: str | Path = "docker-registry",
    ) -> Iterator[Registry]:
        """Serve an empty registry from *root*, an existing directory, with a *program* of that family.

        *users*, as htpasswd has them, have to log in. It speaks TLS if it has *certificates*.
        """
        (root / "users").write_text(users)
        login = _LOGIN.format(users=root / "users") if users else ""
        tls = _TLS.format(certificates=certificates) if certificates else ""
        (root / "config.yml").write_text(
            _CONFIGURATION.format(storage=root / "storage", tls=tls, login=login)
        )
        log = root / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [program, "serve", root / "config.yml"],
                # Newer ones report what they do to a collector.
                env={"PATH": os.defpath, "OTEL_TRACES_EXPORTER": "none"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            # It takes a port that is free, and says which.
            while not (found := re.search(r"listening on ([\d.:]+)", log.read_text())):
                assert process.poll() is None, log.read_text()
                time.sleep(0.02)
            yield cls(root, found[1])
        finally:
            process.terminate()
            process.wait(timeout=60)

    def push(self, source: str, name: str) -> None:
        """Copy the image at *source*, as skopeo has it, to the repository *name*."""
        self._skopeo("copy", "--dest-tls-verify=false", source, self._url(name))

    def pull(self, name: str, destination: str) -> None:
        """Copy the image in the repository *name* to *destination*, as skopeo has it, and change no byte of it."""
        self._skopeo("copy", "--src-tls-verify=false", "--preserve-digests", self._url(name), destination)

    def digest(self, name: str) -> str:
        """Return the digest of the image in the repository *name*."""
        digest: str = json.loads(self._skopeo("inspect", "--tls-verify=false", self._url(name)))["Digest"]
        return digest

    def repository(self, name: str) -> Path:
        """Return the directory that makes the repository *name*; what it refers to lies elsewhere."""
        return self.root / "storage" / "docker" / "registry" / "v2" / "repositories" / name

    def blobs(self, name: str) -> set[str]:
        """Return the digests of all that was ever pushed to the repository *name*, but for the manifests."""
        return {f"sha256:{path.name}" for path in (self.repository(name) / "_layers" / "sha256").iterdir()}

    def _url(self, name: str) -> str:
        return f"docker://{self.address}/{name}"

    def _skopeo(self, *arguments: str) -> bytes:
        return subprocess.run(
            ["skopeo", "--insecure-policy", *arguments],
            env={"PATH": os.defpath, "HOME": str(self.root)},
            check=True,
            stdout=subprocess.PIPE,
            timeout=300,
        ).stdout


class RegistryLifecycle(RealLifecycle):
    """The real lifecycle with all images in *registry*, and the cache as well where *cache_repository* names it."""

    name: ClassVar[str] = "registry"

    def __init__(self, root: Path, directory: Path, registry: Registry) -> None:
        super().__init__(root, directory)
        self.registry = registry
        self.repository = "app"
        self.cache_repository = ""

    @property
    @override
    def _image(self) -> str:
        return f"{self.registry.address}/{self.repository}"

    @property
    @override
    def _run_image(self) -> str:
        return f"{self.registry.address}/run"

    @property
    @override
    def _places(self) -> tuple[str, ...]:
        return (f"-insecure-registry={self.registry.address}",)

    @property
    @override
    def _cache_place(self) -> str:
        if self.cache_repository:
            return f"-cache-image={self.registry.address}/{self.cache_repository}"
        return super()._cache_place

    @override
    def _offer_run_image(self, target: Target) -> None:
        place = self.root / "run-image"
        remove(place)
        write_run_image(place, target, self._run_layer)
        self.registry.push(f"oci:{place}", "run")

    @override
    def _fetch_image(self, place: Path) -> None:
        self.registry.pull(self.repository, f"oci:{place}")

    @override
    def _keep_image(self, kept: Path) -> Callable[[], None]:
        repository = self.registry.repository(self.repository)
        shutil.copytree(repository, kept / "image")

        def restore() -> None:
            remove(repository)
            shutil.copytree(kept / "image", repository)

        return restore

    @override
    def lose_image(self) -> None:
        remove(self.registry.repository(self.repository))
