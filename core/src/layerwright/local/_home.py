"""Where layers were built, which a virtual environment has in its configuration (PEP 405)."""

from __future__ import annotations

from pathlib import Path

from layerwright.build.layers.names import PYTHON, VENV

__all__ = ["interpreter_elsewhere"]


def interpreter_elsewhere(layers: Path) -> Path | None:
    """Return the directory of the interpreter that the virtual environment in *layers* runs, if it is not in *layers*.

    So it is where layers were copied or moved. ``None`` as well where there is no virtual environment.
    """
    try:
        lines = (layers / VENV / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines)
    home = next((Path(value.strip()) for key, _, value in pairs if key.strip() == "home"), None)
    return None if home == layers / PYTHON / "bin" else home
