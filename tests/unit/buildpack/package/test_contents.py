from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.buildpack.package._interpreter import strip
from layerwright.testing.tree import tree
from tests.unit.pythons.samples import prefix

if TYPE_CHECKING:
    from pathlib import Path


def test_what_a_buildpack_never_runs_goes_and_the_rest_stays(tmp_path: Path) -> None:
    root = prefix(tmp_path / "python")
    library = root / "lib" / "python3.13"
    (library / "EXTERNALLY-MANAGED").touch()
    (library / "pydoc_data").mkdir()
    (library / "json" / "__pycache__").mkdir(parents=True)
    (library / "json" / "__init__.py").touch()

    strip(root)

    left = {name for name, entry in tree(root).items() if entry.kind != "directory"}
    assert left == {
        "bin/pip3.13",
        "bin/python3",
        "bin/python3.13",
        "lib/libpython3.13.so",
        "lib/libpython3.13.so.1.0",
        "lib/python3.13/__pycache__/os.cpython-313.pyc",
        "lib/python3.13/_sysconfigdata__linux_.py",
        "lib/python3.13/json/__init__.py",
        "lib/python3.13/lib-dynload/_ssl.cpython-linux.so",
        "lib/python3.13/lib-dynload/_tkinter.cpython-linux.so",
        "lib/python3.13/mimetypes.py",
        "lib/python3.13/os.py",
        "lib/python3.13/site-packages/pip/__init__.py",
    }
