from __future__ import annotations

import pytest

from layerwright import PLUGIN_API
from layerwright.plugins.api import api_number, declared_apis, refusal
from layerwright.plugins.entry_points import API_GROUP, PLUGIN_GROUP, EntryPoint

PLUGIN = EntryPoint(PLUGIN_GROUP, "acme", "layerwright_acme", "layerwright-acme", "1.2")


def declaring(*numbers: str, module: str = PLUGIN.module) -> list[EntryPoint]:
    return [PLUGIN, *(EntryPoint(API_GROUP, n, module, PLUGIN.distribution, PLUGIN.version) for n in numbers)]


@pytest.mark.parametrize("numbers", [("2",), ("1", "2"), ("3", "2"), ("2", "later")])
def test_a_plugin_works_with_any_api_that_it_declares(
    numbers: tuple[str, ...],
) -> None:
    assert PLUGIN_API == 2
    assert refusal(PLUGIN, declaring(*numbers)) is None


def test_a_table_of_the_configuration_declares_no_api_and_needs_none() -> None:
    assert refusal(PLUGIN._replace(plugin=object()), [PLUGIN]) is None


def test_what_another_module_or_distribution_declares_does_not_count() -> None:
    other = PLUGIN._replace(name="other", module="layerwright_other")
    assert declared_apis(PLUGIN, [other, *declaring("2", module=other.module)]) == ("1",)
    others = [e._replace(distribution="layerwright-other") for e in declaring("2")]
    assert declared_apis(PLUGIN, others) == ("1",)


def test_what_is_declared_for_a_module_that_is_no_plugin_counts_for_those_that_declare_none() -> None:
    astray = declaring("2", module=f"{PLUGIN.module}.plugin")
    assert declared_apis(PLUGIN, astray) == ("2",)
    assert declared_apis(PLUGIN, [*astray, *declaring("1")]) == ("1",)


@pytest.mark.parametrize(
    ("numbers", "cause", "remedy"),
    [
        (
            (),
            "It supports plugin API 1, but this Layerwright has plugin API 2.",
            "Install a newer layerwright-acme, or an older Layerwright.",
        ),
        (
            ("1",),
            "It supports plugin API 1, but this Layerwright has plugin API 2.",
            "Install a newer layerwright-acme, or an older Layerwright.",
        ),
        (
            ("3",),
            "It supports plugin API 3, but this Layerwright has plugin API 2.",
            "Install a newer Layerwright, or an older layerwright-acme.",
        ),
        (
            ("1", "3"),
            "It supports plugin API 1 and 3, but this Layerwright has plugin API 2.",
            "Install a newer Layerwright, or an older layerwright-acme.",
        ),
        (
            ("later",),
            'It declares the plugin API "later", which is not a number.',
            "Install another version of layerwright-acme, or report this to its authors.",
        ),
        (
            ("0",),
            'It declares the plugin API "0", which is not a number.',
            "Install another version of layerwright-acme, or report this to its authors.",
        ),
    ],
)
def test_a_plugin_for_other_apis_is_refused_with_what_to_install(
    numbers: tuple[str, ...], cause: str, remedy: str
) -> None:
    error = refusal(PLUGIN, declaring(*numbers))
    assert error is not None
    assert error.summary == "layerwright-acme 1.2 does not work with this Layerwright."
    assert error.cause == cause
    assert error.remedy == (
        remedy,
        "If the application does not need it, add it to LAYERWRIGHT_DISABLE_PLUGINS.",
    )
    assert error.reference == "plugin-api"


@pytest.mark.parametrize("name", ["", "0", "-1", "1.0", "one", "\u0661", "9" * 5000])
def test_what_is_no_number_is_none(name: str) -> None:
    assert api_number(name) == 0
