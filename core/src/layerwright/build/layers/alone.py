"""The Python layer without an application, for images that exist already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from layerwright.build._contribute import Contributor
from layerwright.build.layers.python import contribute_python, describe_python
from layerwright.build.lock import locked
from layerwright.build.patches.dependence import bytecode_format
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.process.runner import Runner
from layerwright.pythons.select import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.cnb.target import Target
    from layerwright.output.log import Log
    from layerwright.pythons.provider import Provider

__all__ = ["PythonAlone", "make_python"]


class PythonAlone(NamedTuple):
    """A layer of Python: its version, its path, the inputs that it was made from, and the format of its bytecode."""

    version: str
    path: Path
    inputs: Mapping[str, str]
    bytecode: str


def make_python(
    version: str, root: Path, target: Target, providers: Sequence[Provider], store: Path, log: Log
) -> PythonAlone:
    """Make the layer of Python *version*, or keep it, in the layers directory *root*.

    ``UserError``: none of *providers* has that version. ``SiteError``: it cannot be made.
    """
    provider, candidate = select(f"=={version}", (), providers, asked=version)
    with locked(root, log):
        layers = LayersDirectory(root)
        spec, interpreter = describe_python(layers.layer_path("python"), candidate, target)
        log.heading(f"Python {candidate.version} from {provider.name}: {candidate.origin}")
        contributor = Contributor(layers, environment={}, log=log, store=store)
        contribute_python(
            contributor,
            spec,
            candidate,
            provider,
            runner=Runner(env={"PATH": os.defpath}),
            progress=log.progress(f"Python {candidate.version}"),
        )
        contributor.settle()
    return PythonAlone(candidate.version, interpreter.prefix, spec.inputs, bytecode_format(interpreter))
