"""A fleet: applications of five kinds in a registry, then a patch release of Python, a release of pip, and a rebase."""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from benchmarks.fleet_report import Step
from benchmarks.patched import can_be_patched, patched
from benchmarks.phases import added_layers
from layerwright.testing.distributions import wheel
from tests.fixtures.wheelhouse import wheelhouse
from tests.lifecycle.image import remove
from tests.lifecycle.lifecycle import Platform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from benchmarks.phases import TimedLifecycle
    from benchmarks.site import Site
    from benchmarks.traffic import Traffic
    from layerwright.testing.loopback.index import PackageIndex

__all__ = ["KINDS", "Fleet", "application", "base_layer", "distributions"]

KINDS: Final = (
    ("pip", ("flask", "gunicorn")),
    ("pip", ("django", "gunicorn")),
    ("uv", ("fastapi", "uvicorn")),
    ("uv", ("flask", "gunicorn")),
    ("poetry", ("django", "gunicorn")),
)
"""The package manager of each kind of application, and what it requires beside a distribution of its own."""

_BUILDPACK: Final = "layerwright/python"
_EARLIER_PIP: Final = "25.3"
_BASE_BYTES: Final = 30_000_000


def application(number: int) -> tuple[str, str]:
    """Return the package manager and the requirements of the application *number*: no two are equal."""
    manager, requirements = KINDS[number % len(KINDS)]
    return manager, "".join(f"{name}\n" for name in (*requirements, f"own-{number}"))


def distributions(count: int, index: PackageIndex) -> None:
    """Offer on *index* what *count* applications require."""
    index.add_directory(wheelhouse())
    index.add(*(wheel(f"own-{number}", "1.0") for number in range(count)))


def base_layer(seed: int) -> bytes:
    """Return the gzipped layer of a base image: 30 MB that do not compress, others for each *seed*."""
    content = random.Random(seed).randbytes(_BASE_BYTES)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("usr/lib/base")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


class Fleet:
    """*count* applications, all built at the same paths below *root* by the buildpack in *buildpack*.

    They share a store of layers, as on one node. *sites* write the files of an application, by package manager.
    *traffic* is what passes to the registry of *lifecycle*. *python* is the interpreter before its patch release.
    """

    def __init__(
        self,
        *,
        name: str,
        count: int,
        root: Path,
        buildpack: Path,
        sites: Mapping[str, Site],
        lifecycle: TimedLifecycle,
        traffic: Traffic,
        python: Path,
    ) -> None:
        self._name = name
        self._count = count
        self._root = root
        self._buildpack = buildpack
        self._sites = sites
        self._lifecycle = lifecycle
        # Bytes are counted here, not seconds.
        lifecycle.settles = False
        self._traffic = traffic
        self._original = self._python = python.parents[1]
        self._pip: Mapping[str, str] = {"LAYERWRIGHT_PIP_VERSION": _EARLIER_PIP}

    def steps(self) -> Iterator[Step]:
        """Yield each step after it happened."""
        self._lifecycle.use_run_image(base_layer(0))
        yield self._step("first build", self._build)
        if can_be_patched(self._original / "bin" / "python3"):
            patched(self._lifecycle.layers / _BUILDPACK.replace("/", "_") / "python", self._root / "patched")
            self._python = self._root / "patched"
            yield self._step("patch release of Python", self._build)
        self._pip = {}
        yield self._step("release of pip", self._build)
        self._lifecycle.use_run_image(base_layer(1))
        yield self._step("rebase", self._rebase)

    def _step(self, name: str, happens: Callable[[int], str]) -> Step:
        before, sent, started = self._stored(), self._traffic.sent, time.perf_counter()
        added: Counter[str] = Counter()
        for number in range(self._count):
            self._lifecycle.repository = f"app-{number}"
            added.update(added_layers(happens(number), _BUILDPACK))
        new = {digest: size for digest, size in self._stored().items() if digest not in before}
        return Step(
            name=name,
            layerwright=self._name,
            applications=self._count,
            pushed=self._traffic.sent - sent,
            stored=sum(new.values()),
            shared=sum(
                new[digest] for digest, count in self._owners().items() if count > 1 and digest in new
            ),
            seconds=time.perf_counter() - started,
            added=dict(added),
        )

    def _build(self, number: int) -> str:
        lifecycle, kept = self._lifecycle, self._root / f"cache-{number}"
        manager, requirements = application(number)
        remove(lifecycle.app)
        lifecycle.app.mkdir()
        self._sites[manager].write(requirements, lifecycle.app)
        (lifecycle.app / ".python-version").write_text(f"{self._sites[manager].minor}\n")
        (lifecycle.app / "Procfile").write_text("web: python -c pass\n")
        (lifecycle.app / "main.py").write_text(f"NUMBER = {number}\n")
        # Each application has its own cache, at the same path.
        remove(lifecycle.cache)
        if kept.exists():
            kept.rename(lifecycle.cache)
        else:
            lifecycle.cache.mkdir()
        env = {
            **self._sites[manager].index_env,
            "PATH": f"{self._python / 'bin'}{os.pathsep}{os.defpath}",
            **(self._pip if manager == "pip" else {}),
            "LAYERWRIGHT_STORE": str(self._lifecycle.own_store()),
        }
        log = lifecycle.build(self._buildpack, platform=Platform(env=env)).log
        lifecycle.cache.rename(kept)
        return log

    def _rebase(self, _number: int) -> str:
        self._lifecycle.rebase()
        return ""

    def _stored(self) -> dict[str, int]:
        blobs = self._lifecycle.registry.root.glob("storage/docker/registry/v2/blobs/sha256/*/*/data")
        return {path.parent.name: path.stat().st_size for path in blobs}

    def _owners(self) -> Counter[str]:
        repositories = self._lifecycle.registry.root.glob("storage/docker/registry/v2/repositories/app-*")
        return Counter(
            path.name for repository in repositories for path in repository.glob("_layers/sha256/*")
        )
