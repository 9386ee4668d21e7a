"""The tool layer of a package manager that is a Python distribution, as nearly all of them are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.distributions import index_settings, install_distributions
from layerwright.contract.values.tool import PythonDependence, ToolLayer
from layerwright.contract.wheels import LockedWheels, WheelLayout
from layerwright.process.redaction import SecretStr, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.contract.values.tool import ToolRequest

__all__ = ["distribution_layer"]

_INDEX: Final = "PIP_INDEX_URL"
_ORIGINS: Final = (_INDEX, "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX")


def distribution_layer(
    request: ToolRequest,
    distribution: str,
    version: str,
    *,
    scripts: Sequence[str],
    hashed: str = "",
    also: Sequence[str] = (),
    standalone: bool = False,
    launchers: Sequence[str] = (),
    env: LayerEnv | None = None,
    index: str = "",
    table: str = "",
    wheels: Sequence[Path] = (),
    contents: Mapping[str, str] | None = None,
    compiled: str = "",
) -> ToolLayer:
    """Return the layer with *version* of *distribution* and its dependencies in a virtual environment.

    *hashed* is the text of a requirements file that locks all of it by hash: exactly that is installed, from wheels,
    and nothing else determines the layer. Without it, *distribution* and the requirements in *also* are installed
    from the package index: the index is then an input, and the log says "not hash-pinned". *index* is the package
    index if none is set for pip.

    Only *scripts* are on ``PATH``. If they are *standalone*, executables that need neither the interpreter nor
    another file, nothing else is kept, and the layer serves any Python. *launchers*, *env* and *compiled* are as in
    ``ToolLayer``. If the tool is missing at launch, each script has a stand-in that says so; *table* is the tool's
    table in the configuration, if it differs from *distribution* without its extras.

    If *hashed* locks everything, core unpacks the wheels itself where it has them; *wheels* and *contents* are the
    ``directories`` and ``contents`` of ``LockedWheels``.
    """
    asked = tuple(also) if hashed else (f"{distribution}=={version}", *also)
    inputs = {"lock": f"sha256:{hashlib.sha256(hashed.encode()).hexdigest()}"} if hashed else {}
    more: dict[str, str | SecretStr | None] = {}
    if index and _INDEX not in request.environment:
        more[_INDEX] = index if redacted(index) == index else SecretStr(index)
    if asked:
        origins = {_INDEX: index, **request.environment} if index else request.environment
        inputs |= {"not hash-pinned": redacted(" ".join(asked))}
        inputs |= {name: redacted(origins[name]) for name in _ORIGINS if name in origins}
    words = f"{distribution}=={version}" if hashed else f"{' '.join(asked)} (not hash-pinned)"
    name = table or distribution.partition("[")[0]
    return ToolLayer(
        version=version,
        inputs=inputs,
        install=install_distributions(
            request,
            hashed,
            also=asked,
            scripts=scripts,
            standalone=standalone,
            env=more,
            shown=f"pip install {words}",
        ),
        wheels=LockedWheels(
            hashed=hashed,
            layout=WheelLayout.EXECUTABLES if standalone else WheelLayout.ENVIRONMENT,
            scripts=tuple(scripts),
            directories=tuple(wheels),
            index={**index_settings(request.environment), **more},
            contents=contents or {},
        )
        if hashed and not also
        else None,
        compiled=compiled,
        env=env or LayerEnv(),
        # The installation depends on the minor version and the interpreter's path, which core adds.
        depends_on_python=PythonDependence.NONE if standalone else PythonDependence.MINOR,
        stand_ins={script: _stand_in(script, launchers, name) for script in scripts},
        launchers=tuple(launchers),
    )


def _stand_in(script: str, launchers: Sequence[str], table: str) -> str:
    words = next((words for words in launchers if words.split()[0] == script), "")
    instead = f": instead of `{words} COMMAND`, run COMMAND" if words else ""
    return (
        f"{script} is a build-time tool of this image. A command of the application runs without it{instead}.\n"
        f"To get {script} at every launch, set `launch = true` in [tool.layerwright.{table}] of pyproject.toml,\n"
        "and build again."
    )
