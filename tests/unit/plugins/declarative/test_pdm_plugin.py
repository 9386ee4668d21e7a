"""What the declaration of the PDM plugin makes of a user's own configuration of PDM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.plugins.declarative.read import read_package_manager
from layerwright.testing import environment_request

if TYPE_CHECKING:
    from layerwright.testing import Application

PLUGIN = Path(__file__).parents[4] / "examples" / "plugins" / "pdm" / "src" / "layerwright_pdm"
PDM = read_package_manager(PLUGIN / "package-manager.toml")


@pytest.mark.parametrize("name", ["PDM_CONFIG_FILE", "PDM_OVERRIDE"])
def test_what_leads_pdm_to_another_file_is_refused(name: str) -> None:
    assert name in PDM.reserved_env


@pytest.mark.parametrize("name", ["PDM_IGNORE_STORED_INDEX", "XDG_CONFIG_HOME"])
def test_what_changes_how_pdm_installs_counts(app: Application, name: str) -> None:
    app.write("pyproject.toml", "")
    app.write("pdm.lock", "")
    assert inputs(app, name) != inputs(app)


def inputs(app: Application, *variables: str) -> object:
    """Return what the environment of *app* is made from, with *variables* set."""
    request = environment_request(
        app,
        settings=PDM.settings_model(),
        environment={"HOME": "/nowhere", **dict.fromkeys(variables, "1")},
        name="pdm",
        version="2.29.3",
    )
    return PDM.environment(request).inputs
