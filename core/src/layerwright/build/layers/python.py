"""The Python layer: an interpreter and its standard library, the same bytes for every package manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build._decide import LayerSpec
from layerwright.build.layers import names
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.contract.values.tool import PythonDependence
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build._contribute import Contributor
    from layerwright.cnb.target import Target
    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Candidate, Progress, Provider

__all__ = ["abi_input", "contribute_python", "describe_python", "python_inputs"]

# The first moment that a zip archive can hold, plus one second, as the lifecycle writes file times: wheels
# built from equal sources are then equal. https://reproducible-builds.org/docs/source-date-epoch/
_SOURCE_DATE_EPOCH: Final = "315532801"


def describe_python(layer: Path, candidate: Candidate, target: Target) -> tuple[LayerSpec, Interpreter]:
    """Return the specification of the Python layer, and the interpreter in it."""
    interpreter = Interpreter(version=candidate.version, prefix=layer)
    include = layer / "include" / f"python{interpreter.minor}"
    spec = LayerSpec(
        name=names.PYTHON,
        types=LayerTypes(build=True, launch=True, cache=True),
        inputs={
            "Python version": candidate.version,
            "target": target.words,
            "layer path": str(layer),
            **candidate.inputs,
        },
        env=LayerEnv()
        .default("PYTHONUNBUFFERED", "1")
        .default("SOURCE_DATE_EPOCH", _SOURCE_DATE_EPOCH, scope=Scope.BUILD)
        .prepend("CPATH", str(include), delimiter=":", scope=Scope.BUILD)
        .prepend("PKG_CONFIG_PATH", str(layer / "lib" / "pkgconfig"), delimiter=":", scope=Scope.BUILD),
        stored=True,
    )
    return spec, interpreter


def contribute_python(
    contributor: Contributor,
    spec: LayerSpec,
    candidate: Candidate,
    provider: Provider,
    *,
    runner: Runner,
    progress: Progress,
) -> None:
    """Make the Python layer match *spec*, with an interpreter from *provider*."""
    contributor.contribute(spec, create=lambda layer: provider.install(candidate, layer, runner, progress))


def abi_input(interpreter: Interpreter) -> dict[str, str]:
    """Return the input of what works with every patch release of *interpreter*."""
    return {"Python": interpreter.abi}


def python_inputs(dependence: PythonDependence, interpreter: Interpreter) -> dict[str, str]:
    """Return the inputs of another layer from *interpreter*, on which it depends as *dependence* says."""
    if dependence is PythonDependence.NONE:
        return {}
    is_exact = dependence is PythonDependence.EXACT
    return {
        **(
            {"Python version": interpreter.version}
            if is_exact
            else {"Python minor version": interpreter.minor}
        ),
        # A script contains the path of its interpreter.
        "interpreter": str(interpreter.executable),
    }
