"""Explanations of an application that is as large, as odd and as hostile as a page must bear."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from layerwright import Command, ContributedLayer, HookContext, LayerEnv, Scope, hookimpl
from layerwright.build.explain import explain
from layerwright.build.phase import build
from layerwright.output.log import Log
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from tests.unit.small import EVIDENCE, PLUGIN, small_request

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.explain import Explanation
    from layerwright.build.request import BuildRequest

__all__ = ["HOSTILE", "MANY", "built", "explained", "make_hostile"]

HOSTILE: Final = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</style>]]>"
"""Text that would do something in a page that took it for markup."""


class Many:
    """Contributes a layer with a large environment, and inputs and commands that are long and hostile."""

    @hookimpl
    def layerwright_layers(self, context: HookContext) -> list[ContributedLayer]:
        env = LayerEnv().default("ACME_MARKUP", HOSTILE, scope=Scope.LAUNCH)
        env = env.override("ACME_EMPTY", "").override("ACME_WEB", "1", scope=Scope.process("web"))
        env = env.append("ACME_SEARCH", "/opt/acme", scope=Scope.BUILD).prepend("ACME_FIRST", "/opt/first")
        for number in range(40):
            env = env.override(f"ACME_SETTING_NUMBER_{number:02}_WITH_A_LONG_NAME", "value" * number)
        command = Command(argv=("true", HOSTILE, *("--option=value",) * 30), shown="get data")
        return [
            ContributedLayer(
                inputs={
                    "data.bin": f"sha256:{'0123456789abcdef' * 4}",
                    f"setting {HOSTILE}": HOSTILE,
                    "empty": "",
                },
                commands=(command,),
                env=env,
            )
        ]

    @hookimpl
    def layerwright_post_install(self, context: HookContext) -> list[Command]:
        return [Command(argv=("true",), shown=f"collect {HOSTILE}")]


MANY: Final = EntryPoint(PLUGIN_GROUP, "many", "many", "layerwright-many", "1.0", Many())


def request(root: Path, *more: EntryPoint) -> BuildRequest:
    """Return the request for the application in ``app`` below *root*."""
    return small_request(root, entry_points=(PLUGIN, EVIDENCE, *more))


def explained(root: Path, *more: EntryPoint) -> Explanation:
    """Return the explanation of a build of the application in ``app`` below *root*, with the plugins *more*."""
    return explain(request(root, *more))


def built(root: Path, *more: EntryPoint) -> None:
    """Build that application."""
    (root / "layers").mkdir(exist_ok=True)
    build(request(root, *more), Log(io.StringIO(), io.StringIO()))


def make_hostile(app: Path) -> None:
    """Write files with :data:`HOSTILE` in them."""
    quoted = HOSTILE.replace("'", "'\\''")
    (app / "Procfile").write_text(f"web: echo '{quoted}'\nworker: small run it\n")
