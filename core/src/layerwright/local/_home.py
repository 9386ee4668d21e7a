"""The directory in which layers were built, from the configuration of the virtual environment (PEP 405)."""

from __future__ import annotations

from pathlib import Path

from layerwright.build.layers.names import PYTHON, VENV

__all__ = ["interpreter_elsewhere"]


def interpreter_elsewhere(layers: Path) -> Path | None:
    """Return the directory of the interpreter of the virtual environment in *layers*, if it is outside *layers*.

    That means that the layers were copied or moved. ``None`` also if there is no virtual environment.
    """
    try:
        lines = (layers / VENV / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines)
    home = next((Path(value.strip()) for key, _, value in pairs if key.strip() == "home"), None)
    return None if home == layers / PYTHON / "bin" else home
