"""The tool layer: pip alone, installed as user site-packages into the layer's directory.

A virtual environment ignores user site-packages, so this pip is never on the application's ``sys.path``. The
``pip`` script runs with the Python layer's interpreter, which reads them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import LayerEnv, LockedWheels, PythonDependence, ToolLayer, WheelLayout, bundled_pip
from layerwright_pip.pip_config import index_environment, read_settings, setting_inputs

if TYPE_CHECKING:
    from layerwright import Command, SecretStr, ToolRequest

__all__ = ["tool_layer"]

_HERE: Final = Path(__file__).parent
_DEFAULT_VERSION: Final = "26.3"
_LAST_VERSIONS: Final = {"3.8": "25.0.1", "3.9": "26.0.1"}
"""The last pip for each Python that the default no longer supports. Keep in step with requirements/pip.in."""

_STAND_IN: Final = """\
pip is a build-time tool of this image. For this container only: python -m ensurepip --default-pip
To get it at every launch, add pip to your requirements,
or set `launch = true` in [tool.layerwright.pip] of pyproject.toml, and build again."""
_STAND_INS: Final = dict.fromkeys(("pip", "pip3"), _STAND_IN)


def tool_layer(request: ToolRequest) -> ToolLayer:
    """Return the layer with the configured pip, or with the default one for the interpreter's version.

    A version whose hashes are shipped is installed by hash. Other versions come from the index, so the index is
    an input. If uv installs instead, and pip is not wanted at launch, the layer is empty.
    """
    version = request.settings.version or _LAST_VERSIONS.get(request.interpreter.minor, _DEFAULT_VERSION)
    if request.settings.installer == "uv" and not request.settings.launch:
        return ToolLayer(
            version=version,
            inputs={"installed": "no, uv is used instead"},
            install=(),
            depends_on_python=PythonDependence.NONE,
            depends_on_target=False,
            stand_ins=_STAND_INS,
        )
    settings = read_settings(request.project, request.environment)
    index = {**index_environment(settings, request.project), "PIP_CONFIG_FILE": os.devnull}
    hashes = _shipped_hashes(version)
    pinned = {"hashes": " ".join(hashes)}
    inputs = pinned if hashes else {"hashes": "not hash-pinned", **setting_inputs(settings)}
    env = LayerEnv().override("PYTHONUSERBASE", str(request.layer))
    # Every command of pip, our own included, finds the application's virtual environment through this.
    env = env.override("PIP_PYTHON", str(request.venv)).override("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    return ToolLayer(
        version=version,
        inputs=inputs,
        install=(_install(request, version, hashes, index),),
        wheels=_wheels(version, hashes, request.interpreter.minor, index) if hashes else None,
        env=env,
        depends_on_python=PythonDependence.MINOR,
        depends_on_target=False,
        stand_ins=_STAND_INS,
    )


def _install(
    request: ToolRequest, version: str, hashes: tuple[str, ...], index: dict[str, str | SecretStr]
) -> Command:
    return bundled_pip(
        request,
        "--user",
        # Otherwise pip installs nothing if the bundled pip has the wanted version.
        "--ignore-installed",
        "--no-deps",
        "--only-binary=:all:",
        *(("--require-hashes",) if hashes else ()),
        requirements=_requirement(version, hashes),
        env={
            **index,
            "PYTHONUSERBASE": str(request.layer),
            # A variable, because the oldest bundled pip does not know this option.
            "PIP_BREAK_SYSTEM_PACKAGES": "1",
        },
        shown=f"pip install --user pip=={version}",
        remedy=(
            "If the package index could not be reached, check pip's index settings (PIP_INDEX_URL and others).",
            f"If there is no pip {version} for Python {request.interpreter.minor}, configure another version.",
        ),
        reference="pip-not-installed",
    )


def _wheels(
    version: str, hashes: tuple[str, ...], minor: str, index: dict[str, str | SecretStr]
) -> LockedWheels:
    contents = (_HERE / "contents.txt").read_text(encoding="utf-8")
    return LockedWheels(
        hashed=_requirement(version, hashes),
        layout=WheelLayout.USER,
        scripts=("pip", "pip3", f"pip{minor}"),
        index=index,
        contents=dict(line.split() for line in contents.splitlines()),
    )


def _requirement(version: str, hashes: tuple[str, ...]) -> str:
    return " ".join([f"pip=={version}", *(f"--hash={value}" for value in hashes)]) + "\n"


def _shipped_hashes(version: str) -> tuple[str, ...]:
    lock = (_HERE / "pip.lock").read_text(encoding="utf-8")
    locked = re.search(rf"^pip=={re.escape(version)} (?:.*\\\n)*.*", lock, re.MULTILINE)
    return tuple(re.findall(r"--hash=(\S+)", locked[0])) if locked else ()
