"""A lifecycle in Python, for where there is no real one: its rules for restore, build, export and launch.

What it does differently from the real one is a defect here.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tests.lifecycle.image import BUILD_METADATA, LIFECYCLE_METADATA, Blob, Image
from tests.lifecycle.lifecycle import PLATFORM_API, RUN_PATH, Lifecycle, PhaseFailed
from tests.lifecycle.stand_in.build import build
from tests.lifecycle.stand_in.detect import detect
from tests.lifecycle.stand_in.export import export, write_cache, write_config
from tests.lifecycle.stand_in.launch import LAUNCH_FAILED, LaunchFailed, Start, prepare
from tests.lifecycle.stand_in.restore import restore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.lifecycle.lifecycle import Member, Platform
    from tests.lifecycle.stand_in.outputs import Outputs

__all__ = ["StandIn"]


class StandIn(Lifecycle):
    """The stand-in for the lifecycle; ``PhaseFailed.log`` and ``Image.log`` have buildpacks' words alone."""

    name: ClassVar[str] = "stand-in"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._blobs = root / "blobs"
        self._previous: dict[str, Any] = {}

    @override
    def _keep_image(self, kept: Path) -> Callable[[], None]:
        previous = self._previous

        def restore() -> None:
            self._previous = previous

        return restore

    @override
    def lose_image(self) -> None:
        self._previous = {}

    @override
    def _build(self, order: Sequence[Sequence[Member]], platform: Platform) -> Image:
        umask = os.umask(platform.umask)
        try:
            return self._run_phases(order, platform)
        finally:
            os.umask(umask)

    def _run_phases(self, order: Sequence[Sequence[Member]], platform: Platform) -> Image:
        environment = self.process_environment(platform)
        group, plan = detect(order, platform, environment, self.app, self.platform)
        restore(group, self.layers, self._previous, self._blobs, self.cache)
        outputs, log = build(
            group,
            plan,
            platform,
            environment,
            app=self.app,
            layers=self.layers,
            platform_dir=self.platform,
        )
        write_config(self.layers, group, outputs)
        try:
            made = export(group, outputs, self._previous, app=self.app, layers=self.layers, blobs=self._blobs)
        except PhaseFailed as error:
            raise PhaseFailed(error.phase, error.status, log + error.log) from error
        write_cache(group, made, layers=self.layers, cache=self.cache, blobs=self._blobs)
        self._previous = made.metadata
        labels = {
            LIFECYCLE_METADATA: json.dumps(made.metadata, sort_keys=True),
            BUILD_METADATA: json.dumps({"processes": _without_default(outputs)}, sort_keys=True),
            "io.buildpacks.exec-env": platform.exec_env,
            **dict(outputs.labels),
        }
        [default] = [each["type"] for each in outputs.processes if each["default"]] or [""]
        env = {
            "PATH": f"/cnb/process:/cnb/lifecycle:{RUN_PATH}",
            "CNB_LAYERS_DIR": str(self.layers),
            "CNB_APP_DIR": str(self.app),
            "CNB_PLATFORM_API": PLATFORM_API,
            "CNB_DEPRECATION_MODE": "quiet",
        }
        content = json.dumps([made.layers, labels, default, env], sort_keys=True)
        return Image(
            digest=f"sha256:{hashlib.sha256(content.encode()).hexdigest()}",
            blobs=tuple(
                Blob(path=self._blobs / f"{digest}.tar", diff_id=digest, created_by=created_by)
                for digest, created_by in made.layers
            ),
            labels=labels,
            env=env,
            entrypoint=(f"/cnb/process/{default}" if default else "/cnb/lifecycle/launcher",),
            working_directory=str(self.app),
            log=log,
        )

    @override
    def start(
        self, image: Image, process: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        try:
            start = prepare({**image.env, **(env or {})}, process, arguments)
        except LaunchFailed as error:
            complain = ["/bin/sh", "-c", f'echo "$0"; exit {LAUNCH_FAILED}', str(error)]
            start = Start(arguments=complain, environment={}, directory=Path("/"), output=b"")
        reading, writing = os.pipe()
        os.write(writing, start.output)
        started = subprocess.Popen(
            start.arguments,
            env=start.environment,
            cwd=start.directory,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
        )
        os.close(writing)
        started.stdout = os.fdopen(reading, "rb")
        return started


def _without_default(outputs: Outputs) -> list[dict[str, Any]]:
    return [
        {
            "type": each["type"],
            "command": each["command"],
            "args": each["args"],
            "direct": True,
            "buildpackID": each["buildpack-id"],
        }
        | ({"working-dir": each["working-dir"]} if each["working-dir"] else {})
        | ({"exec-env": each["exec-env"]} if each["exec-env"] else {})
        for each in outputs.processes
    ]
