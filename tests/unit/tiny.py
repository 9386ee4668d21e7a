"""A second package manager, whose tool the first one may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import Command, PackageManager, ToolLayer, hookimpl
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from tests.unit.small import Small

if TYPE_CHECKING:
    from layerwright import ToolRequest

__all__ = ["TINY"]

TINY = EntryPoint(PLUGIN_GROUP, "tiny", __name__, "layerwright-tiny", "1.0")


class Tiny(Small):
    """Claims nothing, and has a tool."""

    name = "tiny"
    display_name = "Tiny"
    reserved_env = frozenset({"TINY_ELSEWHERE"})

    def detect(self, request: object) -> None:
        return None

    def also_uses(self, request: object) -> tuple[str, ...]:
        return ()

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        get = Command(argv=("mkdir", "bin"), cwd=request.layer, shown="get tiny")
        return ToolLayer(version="7", inputs={}, install=(get,))


@hookimpl
def layerwright_package_managers() -> list[PackageManager]:
    return [Tiny()]
