"""A plugin that contributes the layers that the application's ``data.json`` lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from layerwright import Command, ContributedLayer, LayerEnv, PythonDependence, Scope, SecretStr, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright import HookContext


@hookimpl
def layerwright_layers(context: HookContext) -> Iterator[ContributedLayer]:
    if "without-data" in context.distributions:
        return
    for one in json.loads(context.project.text("data.json")):
        layer = context.named_layer(one.get("name", ""))
        token = {"DATA_TOKEN": SecretStr(one["token"])} if "token" in one else {}
        env = LayerEnv()
        for variable, value in one.get("env", {}).items():
            env = env.override(
                variable, value.replace("LAYER", str(layer)), scope=one.get("scope", Scope.ALL)
            )
        yield ContributedLayer(
            name=one.get("name", ""),
            commands=tuple(
                Command(
                    argv=("/bin/sh", "-c", script, "sh", str(layer)),
                    shown=f"fill {layer.name}",
                    env=token,
                    remedy=("Ask the owner of the data.",),
                )
                for script in one.get("scripts", ['echo 1 > "$1/data"'])
            ),
            inputs=one.get("inputs", {}),
            depends_on=tuple(one.get("depends-on", ())),
            depends_on_python=PythonDependence(one.get("python", "none")),
            depends_on_target=one.get("target", False),
            env=env,
            launch=one.get("launch", True),
        )


def write_data(app: Path, *layers: Any) -> None:
    """Write the list of layers of the application at *app*."""
    app.mkdir(exist_ok=True)
    (app / "data.json").write_text(json.dumps(layers))
