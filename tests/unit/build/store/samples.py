"""Layers that are stored and taken."""

from __future__ import annotations

import base64
import hashlib
import shutil
from typing import TYPE_CHECKING, Any

from layerwright.build._decide import LayerSpec
from layerwright.build.store.store import LayerStore
from layerwright.cnb.layers.layer import LayerTypes

if TYPE_CHECKING:
    from pathlib import Path

SITE = "lib/python3.13/site-packages"
RECORD = f"{SITE}/acme-1.0.dist-info/RECORD"


def spec(root: Path, **changes: Any) -> LayerSpec:
    values: dict[str, Any] = {
        "name": "tool-acme",
        "types": LayerTypes(build=True, cache=True),
        "inputs": {"Acme version": "1.0", "interpreter": f"{root}/python/bin/python3.13"},
    }
    return LayerSpec(**{**values, **changes})


def script(root: Path) -> str:
    return f"#!{root}/python/bin/python3.13\nimport acme\n"


def hash_of(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()},{len(text.encode())}"


def record(root: Path) -> str:
    """Return the ``RECORD`` of a distribution with a script, a data file with a comma and itself."""
    return (
        f"../../../bin/acme,{hash_of(script(root))}\r\n"
        f'"acme/a,b.txt",{hash_of("data")}\r\n'
        "acme-1.0.dist-info/RECORD,,\r\n"
        "\r\n"
    )


def make(root: Path) -> Path:
    """Make the layer of a tool in the layers directory *root*, as a build does, and return it."""
    layer = root / "tool-acme"
    shutil.rmtree(layer, ignore_errors=True)
    files = {
        "bin/acme": script(root),
        f"{SITE}/acme/__init__.py": "",
        f"{SITE}/acme/a,b.txt": "data",
        f"{SITE}/acme/__pycache__/__init__.cpython-313.pyc": "\0\0",
        RECORD: record(root),
        "env.build/ACME_HOME.override": str(layer),
    }
    for name, text in files.items():
        (layer / name).parent.mkdir(parents=True, exist_ok=True)
        (layer / name).write_bytes(text.encode())
    (layer / "bin" / "acme").chmod(0o755)
    (layer / "bin" / "python").symlink_to(f"{root}/python/bin/python3.13")
    (layer / "bin" / "acme3").symlink_to("acme")
    (layer / "share").symlink_to("lib")
    return layer


def stored(tmp_path: Path) -> LayerStore:
    """Return the store of a build that has made the layer in ``one``."""
    root = tmp_path / "one" / "layers"
    store = LayerStore(tmp_path / "store", root)
    store.offer(spec(root), make(root))
    return store


def another(tmp_path: Path, name: str = "two") -> tuple[LayerStore, LayerSpec, Path]:
    """Return the store, the specification and the empty directory of the layer for another application."""
    root = tmp_path / name / "layers"
    layer = root / "tool-acme"
    layer.mkdir(parents=True)
    return LayerStore(tmp_path / "store", root), spec(root), layer
