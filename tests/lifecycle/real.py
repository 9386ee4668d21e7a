"""The real lifecycle, where there is one: as one command or phase by phase, to an image in a directory."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from typing_extensions import override

from tests.lifecycle.image import Blob, Image, remove
from tests.lifecycle.lifecycle import PLATFORM_API, RUN_PATH, Lifecycle, PhaseFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.lifecycle.lifecycle import Member, Platform, Target

__all__ = ["BUILDER", "FivePhases", "RealLifecycle", "find_lifecycle", "read_image", "write_run_image"]

_PHASES: Final = ("analyzer", "detector", "restorer", "builder", "exporter", "creator")
BUILDER: Final = 1000
"""The user and the group that the buildpacks run as, phase by phase."""
_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_NO_FILES: Final = gzip.compress(bytes(1024), mtime=0)


def find_lifecycle() -> Path | None:
    """Return the directory that has ``lifecycle`` and ``launcher``, named or on ``PATH``; ``None``: there is none.

    Read when tests are collected: a fixture hides the variable from the tests themselves.
    """
    folders = [os.environ.get("LAYERWRIGHT_LIFECYCLE", ""), *os.get_exec_path()]
    found = (Path(folder) for folder in folders if folder)
    return next((f for f in found if all((f / name).exists() for name in ("lifecycle", "launcher"))), None)


class RealLifecycle(Lifecycle):
    """The lifecycle in *directory*, as its ``creator`` runs all phases."""

    name: ClassVar[str] = "real"

    def __init__(self, root: Path, directory: Path) -> None:
        super().__init__(root)
        self._oci = root / "oci"
        self._launcher = directory / "launcher"
        self._launcher_options = (f"-launcher={self._launcher}", f"-launcher-sbom={root}")
        # The lifecycle is told by its own name which phase to run.
        self._bin = root / "bin"
        self._bin.mkdir()
        for phase in _PHASES:
            (self._bin / phase).symlink_to(directory / "lifecycle")
        self._builds = 0
        self._run_layer = _NO_FILES

    @property
    def _image(self) -> str:
        """What the exported image is called."""
        return "localhost/app:latest"

    @property
    def _run_image(self) -> str:
        """What the run image is called."""
        return "localhost/run:base"

    @property
    def run_image(self) -> Path:
        """The OCI layout of the run image."""
        return self._oci / "localhost" / "run" / "base"

    @property
    def exported(self) -> Path:
        """The OCI layout of the last image, which lacks the layer of the run image."""
        return self._oci / "localhost" / "app" / "latest"

    @property
    def _places(self) -> tuple[str, ...]:
        """The options that say where images are."""
        return ("-layout", f"-layout-dir={self._oci}")

    @property
    def _cache_place(self) -> str:
        """The option that says where the cache is."""
        return f"-cache-dir={self.cache}"

    def _offer_run_image(self, target: Target) -> None:
        """Put the run image where the lifecycle looks for it."""
        place = self.run_image
        remove(place)
        write_run_image(place, target, self._run_layer)

    def _fetch_image(self, place: Path) -> None:
        """Copy the exported image to *place*, in the OCI layout."""
        shutil.copytree(self.exported, place)

    @override
    def _keep_image(self, kept: Path) -> Callable[[], None]:
        image = self._oci / "localhost" / "app"
        shutil.copytree(image, kept / "image")

        def restore() -> None:
            remove(image)
            shutil.copytree(kept / "image", image)

        return restore

    @override
    def lose_image(self) -> None:
        remove(self._oci / "localhost" / "app")

    @override
    def _build(self, order: Sequence[Sequence[Member]], platform: Platform) -> Image:
        self._set_up(order, platform)
        log = self._run_phases(platform)
        self._builds += 1
        kept = self.root / f"image-{self._builds}"
        # The next build writes to where this image is.
        self._fetch_image(kept)
        return read_image(kept, log)

    def _run_phases(self, platform: Platform) -> str:
        return self._phase(
            platform,
            "creator",
            f"-app={self.app}",
            *(f"-buildpacks={self.root / 'buildpacks'}", f"-order={self.root / 'order.toml'}"),
            *(f"-platform={self.platform}", self._cache_place, f"-run={self.root / 'run.toml'}"),
            *self._launcher_options,
            *(*self._places, "-uid=0", "-gid=0"),
            self._image,
        )

    def _phase(self, platform: Platform, phase: str, *options: str, user: int = 0) -> str:
        """Run *phase* to its end as *user*, and return what it wrote."""
        # The other user reads what root may read: the buildpack's interpreter can be in root's home.
        capability = [
            "--inh-caps=+dac_read_search",
            "--ambient-caps=+dac_read_search",
            "--securebits=+no_setuid_fixup",
        ]
        ids = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        done = subprocess.run(
            [
                *(["setpriv", *ids, *capability] if user else []),
                str(self._bin / phase),
                f"-layers={self.layers}",
                "-no-color",
                *options,
            ],
            env={
                **self.process_environment(platform),
                "CNB_PLATFORM_API": PLATFORM_API,
                "CNB_EXPERIMENTAL_MODE": "warn",
                "CNB_EXEC_ENV": platform.exec_env,
            },
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            umask=platform.umask,
            timeout=600,
        )
        log = done.stdout.decode(errors="surrogateescape")
        if done.returncode:
            raise PhaseFailed(_phase_of(done.returncode), done.returncode, log)
        return log

    def _set_up(self, order: Sequence[Sequence[Member]], platform: Platform) -> None:
        remove(self.root / "buildpacks")
        lines = []
        for group in order:
            lines.append("[[order]]")
            for member in group:
                buildpack_id, version = _identity(member.path)
                place = self.root / "buildpacks" / buildpack_id.replace("/", "_") / version
                place.parent.mkdir(parents=True, exist_ok=True)
                if not place.is_symlink():
                    place.symlink_to(member.path)
                optional = str(member.optional).lower()
                lines.append(
                    f'[[order.group]]\nid = "{buildpack_id}"\nversion = "{version}"\noptional = {optional}'
                )
        (self.root / "order.toml").write_text("\n".join(lines))
        (self.root / "run.toml").write_text(f'[[images]]\nimage = "{self._run_image}"\n')
        self._offer_run_image(platform.target)

    @override
    def start(
        self, image: Image, process: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [f"/cnb/process/{process}" if process else "/cnb/lifecycle/launcher", *arguments],
            executable=self._launcher,
            env={**image.env, **(env or {})},
            cwd=image.working_directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


class FivePhases(RealLifecycle):
    """The real lifecycle phase by phase, as a platform does it that gives registry credentials to none but three.

    The buildpacks run as a user who is not root.
    """

    @override
    def _run_phases(self, platform: Platform) -> str:
        # The user who builds must reach the directories, and own those that the build writes to.
        for parent in (self.root, *self.root.parents):
            if parent.stat().st_uid == os.getuid() and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o055)
        for directory in (self.root, self.home):
            os.chown(directory, BUILDER, BUILDER)
        for directory in (self.app, self.layers, self.cache, self._oci):
            for folder, _, files in os.walk(directory):
                for path in (Path(folder), *(Path(folder, name) for name in files)):
                    os.chown(path, BUILDER, BUILDER, follow_symlinks=False)
        app, run, cache = f"-app={self.app}", f"-run={self.root / 'run.toml'}", self._cache_place
        buildpacks = (f"-buildpacks={self.root / 'buildpacks'}", f"-platform={self.platform}")
        image = (*self._places, f"-uid={BUILDER}", f"-gid={BUILDER}")
        log = self._phase(platform, "analyzer", run, *image, self._image)
        log += self._phase(
            platform, "detector", app, *buildpacks, f"-order={self.root / 'order.toml'}", user=BUILDER
        )
        log += self._phase(platform, "restorer", cache, run, *image)
        log += self._phase(platform, "builder", app, *buildpacks, user=BUILDER)
        return log + self._phase(
            platform, "exporter", app, cache, run, *self._launcher_options, *image, self._image
        )


def _phase_of(status: int) -> str:
    names = {1: "?", 2: "detect", 3: "analyze", 4: "restore", 5: "build", 6: "export"}
    return "detect" if status == 12 else names.get(status // 10, "?")


def _identity(buildpack: Path) -> tuple[str, str]:
    table = tomllib.loads((buildpack / "buildpack.toml").read_text())["buildpack"]
    return table["id"], table["version"]


def write_run_image(place: Path, target: Target, layer: bytes) -> None:
    """Write a run image in the OCI layout, with the gzipped *layer* and no more than must be."""
    labels = {
        "io.buildpacks.base.distro.name": target.distro_name,
        "io.buildpacks.base.distro.version": target.distro_version,
    }
    config: dict[str, Any] = {
        "os": target.os,
        "architecture": target.arch,
        "config": {"Env": [f"PATH={RUN_PATH}"], "Labels": labels},
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{hashlib.sha256(gzip.decompress(layer)).hexdigest()}"],
        },
        "history": [{"created_by": "run image"}],
    }
    blobs = place / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(content: bytes, media_type: str) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": blob(json.dumps(config).encode(), _CONFIG),
        "layers": [blob(layer, _LAYER)],
    }
    index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode(), _MANIFEST)]}
    (place / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (place / "index.json").write_text(json.dumps(index))


def read_image(layout: Path, log: str) -> Image:
    """Return the image in *layout*, without the layer of its run image."""

    def blob(descriptor: Mapping[str, Any]) -> Path:
        return layout / "blobs" / str(descriptor["digest"]).replace(":", "/")

    entries = json.loads((layout / "index.json").read_text())["manifests"]
    # The others are attached to it.
    [entry] = [each for each in entries if not each.get("artifactType")]
    manifest = json.loads(blob(entry).read_text())
    document = json.loads(blob(manifest["config"]).read_text())
    config = document["config"]
    history = [each.get("created_by", "") for each in document["history"] if not each.get("empty_layer")]
    layers = zip(manifest["layers"], document["rootfs"]["diff_ids"], history, strict=True)
    blobs = [Blob(path=blob(layer), diff_id=diff_id, created_by=by) for layer, diff_id, by in layers]
    return Image(
        digest=entry["digest"],
        # Without the run image's own, which a layout of the lifecycle has no need to hold.
        blobs=tuple(blobs[1:]),
        labels=config["Labels"],
        env=dict(variable.split("=", 1) for variable in config["Env"]),
        entrypoint=tuple(config["Entrypoint"]),
        working_directory=config["WorkingDir"],
        log=log,
    )
