from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from layerwright.plugins.unusable import unusable
from tests.fixtures.plugins import PluginSite, providing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    with PluginSite(tmp_path / "site-packages") as site:
        yield site


@pytest.mark.parametrize("module", ["no_such_module", "no_such_package.plugin", ""])
def test_a_plugin_whose_module_is_missing_is_left_out(site: PluginSite, module: str) -> None:
    site.install("acme", "", plugins={"acme": module})
    site.install("beta", providing("beta"))
    (site.path / "layerwright_acme.py").unlink()
    assert unusable(site.entry_points, ()) == (
        f"layerwright-acme 1.0 could not be loaded and is ignored.\nThere is no module {module}.",
    )


def test_a_plugin_for_another_api_is_left_out(site: PluginSite) -> None:
    site.install("acme", providing("acme"), apis=("99",))
    [warning] = unusable(site.entry_points, ())
    assert warning.startswith(
        "layerwright-acme 1.0 could not be loaded and is ignored.\nIt supports plugin API 99"
    )


def test_a_plugin_that_is_disabled_is_only_reported_where_it_is_not_there(site: PluginSite) -> None:
    for name in ("acme", "beta"):
        site.install(name, providing(name), apis=("99",))
    assert unusable(site.entry_points, ("acme", "layerwright-beta", "amce")) == (
        "LAYERWRIGHT_DISABLE_PLUGINS names amce, which is not installed.",
    )


def test_what_is_loaded_already_is_there_and_nothing_is_imported(site: PluginSite) -> None:
    module = site.install("acme", "raise RuntimeError", plugins={"acme": "layerwright_acme"})
    table = EntryPoint(PLUGIN_GROUP, "own", "[own]", "layerwright.toml", "[own]", object())
    assert unusable([*site.entry_points, table], ()) == ()
    assert module not in sys.modules
