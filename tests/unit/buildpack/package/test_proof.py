from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.buildpack.package._proof import prove_buildpack
from layerwright.errors import SiteError
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = Runner(env={"PYTHONPATH": "/invalid"})


def with_interpreter(directory: Path, script: str) -> Path:
    python = directory / "python" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return directory


def reporting(**report: object) -> str:
    return f"echo noise\ncat <<'END'\n{json.dumps({'managers': [], 'broken': {}, **report})}\nEND"


def test_a_buildpack_that_loads_tells_its_package_managers(tmp_path: Path) -> None:
    assert prove_buildpack(with_interpreter(tmp_path, reporting(managers=["acme", "pip"])), RUNNER) == (
        "acme",
        "pip",
    )


def test_its_interpreter_is_isolated_and_writes_no_bytecode(tmp_path: Path) -> None:
    script = '[ "$1 $2" = "-I -B" ] && [ -z "$PYTHONPATH" ] || exit 3\n' + reporting()
    assert prove_buildpack(with_interpreter(tmp_path, script), RUNNER) == ()


def test_one_that_does_not_load_is_reported_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(SiteError) as raised:
        prove_buildpack(with_interpreter(tmp_path, "echo no module named acme; exit 1"), RUNNER)
    assert raised.value.cause == "no module named acme"


def test_a_plugin_that_does_not_load_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError) as raised:
        prove_buildpack(with_interpreter(tmp_path, reporting(broken={"acme 1.0": "ImportError: x"})), RUNNER)
    assert raised.value.cause == "acme 1.0: ImportError: x"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            "defaults={'package-managers': {'acme': {'nane': 1}}}",
            "acme.nane is an unknown key; did you mean name",
        ),
        ("defaults={'pyhton': {'version': '3.13'}}", "its defaults: "),
        ("hooks=(Misspelt(),)", "acme/python 1.0.0: Loading hook 1 raised "),
    ],
)
def test_what_its_makers_decide_is_tried_as_well(tmp_path: Path, arguments: str, problem: str) -> None:
    (tmp_path / "buildpack.py").write_text(
        "from layerwright import hookimpl\n"
        "from layerwright.buildpack import Buildpack\n"
        "class Misspelt:\n"
        "    @hookimpl\n"
        "    def layerwright_procesess(self): pass\n"
        f"buildpack = Buildpack(id='acme/python', version='1.0.0', {arguments})\n"
    )
    with pytest.raises(SiteError) as raised:
        prove_buildpack(with_interpreter(tmp_path, f'exec "{sys.executable}" "$@"'), RUNNER)
    assert problem in raised.value.cause


def test_a_plugin_for_another_plugin_api_cannot_be_packaged(tmp_path: Path) -> None:
    metadata = tmp_path / "site" / "layerwright_acme-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text("[layerwright]\nacme = a\n[layerwright.api]\n3 = a\n")
    (tmp_path / "buildpack.py").write_text(
        f"import sys\nsys.path.append({str(tmp_path / 'site')!r})\n"
        "from layerwright.buildpack import Buildpack\n"
        "buildpack = Buildpack(id='acme/python', version='1.0.0')\n"
    )
    with pytest.raises(SiteError) as raised:
        prove_buildpack(with_interpreter(tmp_path, f'exec "{sys.executable}" "$@"'), RUNNER)
    assert raised.value.cause.startswith("layerwright-acme 1.0: It supports plugin API 3, but this ")
