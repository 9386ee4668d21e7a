"""Shared libraries that a wheel needs are looked for in the environment and on the machine."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from layerwright.testing import build_backend
from layerwright.testing.distributions import Artifact

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.site import SharedIndex, Site

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc on this machine"),
]


def native_wheel(place: Path, name: str, *, vendored: bool) -> Artifact:
    """Return a wheel with a module that is linked to a library, which is in the wheel if it is *vendored*."""
    place.mkdir()
    (place / "library.c").write_text(f"int {name}_answer(void) {{ return 42; }}\n")
    (place / "module.c").write_text(
        f"int {name}_answer(void);\nint main_answer(void) {{ return {name}_answer(); }}\n"
    )
    library = f"lib{name}-layerwright.so.7"
    for words in (
        ("library.c", "-o", library, f"-Wl,-soname,{library}"),
        ("module.c", "-o", "_native.abi3.so", "-L.", f"-l:{library}", f"-Wl,-rpath,$ORIGIN/../{name}.libs"),
    ):
        subprocess.run(["gcc", "-shared", "-fPIC", *words], cwd=place, check=True)
    files = {f"{name}/__init__.py": b"", f"{name}/_native.abi3.so": (place / "_native.abi3.so").read_bytes()}
    if vendored:
        files[f"{name}.libs/{library}"] = (place / library).read_bytes()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    return Artifact(*build_backend.wheel_bytes(metadata, files), metadata)


def loading(site: Site, name: str) -> subprocess.CompletedProcess[str]:
    """Load the module of the distribution *name* as an import does."""
    module = site.site_packages / name / "_native.abi3.so"
    argv = [site.layers / "venv" / "bin" / "python", "-c", f"import ctypes; ctypes.CDLL({str(module)!r})"]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_library_that_a_wheel_lacks_is_told_before_anything_imports_it(
    site: Site, index: SharedIndex, tmp_path: Path
) -> None:
    for name, vendored in (("needy", False), ("whole", True)):
        index.add(native_wheel(tmp_path / name, name, vendored=vendored))
    site.app.write("requirements.txt", "needy\nwhole\n")

    told = (
        "  Warning: Installed distributions need shared libraries that this machine does not have:\n"
        "    libneedy-layerwright.so.7, needed by needy/_native.abi3.so of needy 1.0\n"
    )
    assert told in site.build().log
    assert "libneedy-layerwright.so.7: cannot open shared object file" in loading(site, "needy").stderr
    assert loading(site, "whole").returncode == 0

    # A build that installs nothing looks at nothing.
    assert "shared libraries" not in site.build().log
