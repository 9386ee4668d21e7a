"""A package manager that is right in everything, and as small as one can be."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from layerwright import (
    Command,
    Detection,
    EnvironmentInstall,
    Expected,
    IndexVariables,
    LayerEnv,
    Locked,
    PackageManager,
    SecretStr,
    ToolSettings,
    Update,
    distribution_layer,
    tool_version,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright import EnvironmentRequest, IndexRequest, ProjectRequest, ToolLayer, ToolRequest

LOCK = "tiny.lock"
"""JSON: the releases, as tables with the fields of ``Release``."""
INDEX = "TINY_INDEX_URL"
LOGIN = "TINY_LOGIN"
"""The user name and the password for the index, with a colon between them."""


@dataclass(frozen=True, kw_only=True)
class TinySettings(ToolSettings):
    groups: tuple[str, ...] = field(default=(), metadata={"help": "groups to install"})


class Tiny(PackageManager):
    name = "tiny"
    display_name = "Tiny"
    settings_model: type[ToolSettings] = TinySettings
    reserved_env = frozenset({"TINY_ELSEWHERE"})
    flags: tuple[str, ...] = ()
    """What the tool does wrong."""

    def detect(self, request: ProjectRequest) -> Detection | None:
        return Detection(evidence=LOCK) if request.project.exists(LOCK) else None

    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        default = request.default
        login: dict[str, str | SecretStr] = {}
        if default is not None and default.has_secret:
            parts = (
                part.get_secret_value() if isinstance(part, SecretStr) else part or ""
                for part in (default.username, default.password)
            )
            login[LOGIN] = SecretStr(":".join(parts))
        unused = {index.name: "tiny has one index." for index in request.extra}
        return IndexVariables(variables=login, unused=unused)

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        version = tool_version("tiny", request.settings.version, "1.0")
        return distribution_layer(
            request, "tiny", version, scripts=["tiny"], launchers=("tiny run",), env=self.env(request)
        )

    def env(self, request: ToolRequest) -> LayerEnv:
        return LayerEnv().override("TINY_HOME", str(request.layer))

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return EnvironmentInstall(
            inputs=self.inputs(request),
            commands=(self.sync(request),),
            sameness=Locked(update=self.update(request)),
        )

    def update(self, request: EnvironmentRequest) -> Update | None:
        return Update(archives={f"{r['name']}=={r['version']}": r["sha256"] for r in locked(request)})

    def expects(self, request: EnvironmentRequest) -> Expected | None:
        return Expected(names=frozenset(r["name"] for r in locked(request)), source=LOCK)

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        digest = hashlib.sha256(request.project.text(LOCK).encode()).hexdigest()
        return {LOCK: f"sha256:{digest}", "groups": " ".join(request.settings.groups)}

    def sync(self, request: EnvironmentRequest) -> Command:
        place = self.site_packages(request)
        index = request.environment.get(INDEX)
        return Command(
            argv=(*self.program(request), "sync", LOCK, str(place), *request.settings.groups, *self.flags),
            env={INDEX: SecretStr(index)} if index else {},
            cwd=request.project.root,
            shown="tiny sync",
            remedy=("If an archive is gone, lock again.",),
            reference="tiny-sync-failed",
        )

    def program(self, request: EnvironmentRequest) -> tuple[str, ...]:
        return (str(request.tool.layer / "bin" / "tiny"),)

    def site_packages(self, request: EnvironmentRequest) -> Path:
        return request.interpreter.site_packages(request.venv)


def locked(request: EnvironmentRequest) -> list[dict[str, str]]:
    """Return the releases of the lock file."""
    found: list[dict[str, str]] = json.loads(request.project.text(LOCK))
    return found
