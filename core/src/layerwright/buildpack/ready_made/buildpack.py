"""The buildpack that comes with Layerwright: PDM, pip, Pipenv, Poetry, uv and the frameworks, with their defaults."""

from __future__ import annotations

from layerwright import __version__
from layerwright.buildpack import Buildpack

buildpack = Buildpack(
    id="layerwright/python",
    version=__version__,
    name="Layerwright",
    plugins=(
        "layerwright-frameworks",
        "layerwright-pdm",
        "layerwright-pip",
        "layerwright-pipenv",
        "layerwright-poetry",
        "layerwright-uv",
    ),
    # The wheels of the others would double the size, and each fits one minor version of Python.
    tools=("pip", "uv"),
)

if __name__ == "__main__":  # pragma: no cover  # in a process, and by an interpreter, of its own
    buildpack.main()
