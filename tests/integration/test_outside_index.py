from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.machine import interpreters

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

pytestmark = [pytest.mark.integration, pytest.mark.network]


@pytest.mark.skipif(not interpreters(), reason="there is no interpreter that can be copied")
def test_the_default_pip_and_an_application_come_from_the_outside_index(app: Application) -> None:
    app.write("requirements.txt", "six==1.17.0\n")
    app.write(".python-version", next(iter(interpreters())))
    environment = {**os.environ, "LAYERWRIGHT_CACHE_DIR": str(app.path.with_name("cache"))}
    layerwright = [sys.executable, "-m", "layerwright.cli"]

    subprocess.run([*layerwright, "build", str(app.path)], env=environment, check=True)
    launched = subprocess.run(
        [*layerwright, "run", "--app", str(app.path), "python", "-c", "import six; print(six.__version__)"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )

    assert launched.stdout == "1.17.0\n"
