from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.build.detect import Detected, detect
from layerwright.config.sources import Given, read_sources
from layerwright.errors import ConfigurationError, PluginError, UserError
from layerwright.files.project import Project
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint, entry_points
from tests.fixtures.plugins import CONFIGURABLE, PluginSite, providing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.testing.applications import Application

HEAVY = {
    "argparse",
    "dataclasses",
    "importlib.metadata",
    "inspect",
    "json",
    "layerwright_pip",
    "packaging",
    "pluggy",
    "pydantic",
    "subprocess",
    "tempfile",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    with PluginSite(tmp_path / "site-packages") as site:
        yield site


def found(
    app: Application, site: PluginSite, *disabled: str, environment: dict[str, str] | None = None
) -> Detected | None:
    project = Project(app.path)
    return detect(project, read_sources(project, environment or {}), site.entry_points, disabled)


# Evidence that plugins publish


def test_a_published_file_is_answer_enough_and_no_plugin_is_imported(
    app: Application, site: PluginSite
) -> None:
    acme = site.install("acme", providing("acme"), conclusive=("acme.lock", "acme.toml"))
    beta = site.install("beta", providing("beta"), conclusive=("beta.lock",))
    app.write("acme.toml", "")
    assert found(app, site) == Detected("acme", "acme.toml exists")
    assert not {acme, beta} & sys.modules.keys()


def test_of_several_conclusive_files_of_one_plugin_the_first_is_named(
    app: Application, site: PluginSite
) -> None:
    acme = site.install("acme", providing("acme"), conclusive=("acme.toml", "acme.lock"))
    app.write("acme.lock", "")
    app.write("acme.toml", "")
    assert found(app, site) == Detected("acme", "acme.lock exists")
    assert acme not in sys.modules


def test_a_conclusive_file_goes_before_all_that_would_have_to_be_asked(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", providing("acme"), conclusive=("acme.lock",), evidence=("acme.toml",))
    beta = site.install("beta", providing("beta", evidence="pyproject.toml"), evidence=("pyproject.toml",))
    silent = site.install("silent", providing("silent", evidence="pyproject.toml"))
    for file in ("acme.lock", "acme.toml", "pyproject.toml"):
        app.write(file, "")
    assert found(app, site) == Detected("acme", "acme.lock exists")
    assert not {beta, silent} & sys.modules.keys()


def test_if_several_plugins_have_a_conclusive_file_one_may_answer_that_its_own_is_a_fallback(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"), conclusive=("acme.lock",))
    exported = providing("beta", evidence="beta.txt").replace(
        "evidence='beta.txt')", "evidence='beta.txt', fallback=True)"
    )
    beta = site.install("beta", exported, conclusive=("beta.txt",))
    app.write("beta.txt", "")
    assert found(app, site) == Detected("beta", "beta.txt exists")
    assert beta not in sys.modules
    app.write("acme.lock", "")
    assert found(app, site) == Detected("acme", "acme.lock exists")
    assert found(app, site, "acme") == Detected("beta", "beta.txt exists")


def test_if_every_conclusive_claim_turns_out_to_be_a_fallback_other_plugins_are_asked(
    app: Application, site: PluginSite
) -> None:
    for name in ("acme", "beta"):
        source = providing(name, evidence=f"{name}.txt")
        source = source.replace(f"evidence='{name}.txt')", f"evidence='{name}.txt', fallback=True)")
        site.install(name, source, conclusive=(f"{name}.txt",))
        app.write(f"{name}.txt", "")
    site.install("gamma", providing("gamma", evidence="pyproject.toml"), evidence=("pyproject.toml",))
    app.write("pyproject.toml", "")
    assert found(app, site) == Detected("gamma", "pyproject.toml exists")


def test_a_plugin_cannot_deny_its_conclusive_file(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"), conclusive=("acme.lock",))
    site.install("beta", providing("beta", evidence="other.lock"), conclusive=("beta.lock",))
    app.write("acme.lock", "")
    app.write("beta.lock", "")
    with pytest.raises(UserError) as caught:
        found(app, site)
    assert "beta: beta.lock exists" in caught.value.cause


def test_a_plugin_that_refines_one_of_several_conclusive_claims_stays_in_the_tie(
    app: Application, site: PluginSite
) -> None:
    for name in ("acme", "beta"):
        site.install(name, providing(name, evidence=f"{name}.lock"), conclusive=(f"{name}.lock",))
        app.write(f"{name}.lock", "")
    site.install("finer", providing("finer", evidence="finer.in"), evidence=("finer.in",), refines=("beta",))
    app.write("finer.in", "")
    with pytest.raises(UserError) as caught:
        found(app, site)
    assert "acme: acme.lock" in caught.value.cause
    assert "finer: finer.in" in caught.value.cause


def test_without_any_published_file_no_plugin_is_imported(app: Application, site: PluginSite) -> None:
    acme = site.install("acme", providing("acme"), conclusive=("acme.lock",))
    app.write("beta.lock", "")
    assert found(app, site) is None
    assert acme not in sys.modules


def test_no_plugin_claims_nothing(app: Application, site: PluginSite) -> None:
    app.write("acme.lock", "")
    assert found(app, site) is None


def test_a_directory_is_no_evidence(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme"), conclusive=("acme.lock",))
    (app.path / "acme.lock").mkdir()
    assert found(app, site) is None


@pytest.mark.parametrize(
    ("configuration", "environment"),
    [
        ("version = '1.0'\nlaunch = true\nstand-in = false\n", {}),
        (
            "",
            {
                "LAYERWRIGHT_ACME_VERSION": "1.0",
                "LAYERWRIGHT_ACME_LAUNCH": "1",
                "LAYERWRIGHT_ACME_STAND_IN": "0",
            },
        ),
        ("", {"LAYERWRIGHT_PYTHON_VERSION": "3.13"}),
    ],
)
def test_settings_that_every_package_manager_has_leave_it_at_that(
    app: Application, site: PluginSite, configuration: str, environment: dict[str, str]
) -> None:
    acme = site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    app.write("layerwright.toml", f"[acme]\n{configuration}")
    app.write("acme.lock", "")
    assert found(app, site, environment=environment) == Detected("acme", "acme.lock exists")
    assert acme not in sys.modules


# Plugins that are asked


READING = """\
from layerwright import Detection, PackageManager, hookimpl

class {name}(PackageManager):
    name = "{name}"
    display_name = "{name}"

    def detect(self, request):
        tool = request.project.toml("pyproject.toml").get("tool", {{}})
        claim = Detection(evidence="pyproject.toml", fallback={fallback})
        return claim if "{table}" in tool else None

    def tool_layer(self, request):
        raise NotImplementedError

    def environment(self, request):
        raise NotImplementedError

@hookimpl
def layerwright_package_managers():
    return [{name}()]
"""


def reading(name: str, *, table: str = "", fallback: bool = False) -> str:
    """Return the source of a plugin that claims an application whose ``pyproject.toml`` has a table of the tool."""
    return READING.format(name=name, table=table or name, fallback=fallback)


@pytest.mark.parametrize("evidence", [("pyproject.toml",), ()])
def test_for_any_other_file_the_one_plugin_that_has_it_decides_what_is_its_own(
    app: Application, site: PluginSite, evidence: tuple[str, ...]
) -> None:
    site.install("acme", reading("acme"), evidence=evidence)
    app.write("pyproject.toml", "[tool.ruff]\nline-length = 100\n")
    assert found(app, site) is None
    app.write("pyproject.toml", "[tool.acme]\n")
    assert found(app, site) == Detected("acme", "pyproject.toml exists")


def test_a_file_that_is_no_evidence_of_a_plugin_has_it_not_asked(app: Application, site: PluginSite) -> None:
    acme = site.install("acme", reading("acme"), evidence=("acme.toml",))
    app.write("pyproject.toml", "[tool.acme]\n")
    assert found(app, site) is None
    assert acme not in sys.modules


def test_a_fallback_counts_only_where_nothing_else_claims_the_application(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", reading("acme", table="any", fallback=True), evidence=("pyproject.toml",))
    site.install("beta", reading("beta"), evidence=("pyproject.toml",))
    app.write("pyproject.toml", "[tool.any]\n")
    assert found(app, site) == Detected("acme", "pyproject.toml exists, and nothing else claims it")
    app.write("pyproject.toml", "[tool.any]\n[tool.beta]\n")
    assert found(app, site) == Detected("beta", "pyproject.toml exists")


def test_two_fallbacks_are_as_much_of_an_error_as_any_two_claims(app: Application, site: PluginSite) -> None:
    for name in ("acme", "beta"):
        site.install(name, reading(name, fallback=True), evidence=("pyproject.toml",))
    app.write("pyproject.toml", "[tool.acme]\n[tool.beta]\n")
    with pytest.raises(UserError) as caught:
        found(app, site)
    assert caught.value.reference == "several-package-managers"


def test_a_plugin_that_refines_a_conclusive_claim_is_asked_and_nothing_else_is(
    app: Application, site: PluginSite
) -> None:
    base = site.install("base", providing("base"), conclusive=("requirements.txt",))
    other = site.install("other", reading("other"), evidence=("pyproject.toml",))
    site.install(
        "tools", reading("tools"), evidence=("pyproject.toml", "requirements.in"), refines=("base", "absent")
    )
    app.write("requirements.txt", "")
    app.write("pyproject.toml", "[tool.tools]\n[tool.other]\n")
    assert found(app, site) == Detected("tools", "pyproject.toml exists, and tools refines base")
    app.write("pyproject.toml", "[tool.other]\n")
    assert found(app, site) == Detected("base", "requirements.txt exists")
    assert not {base, other} & sys.modules.keys()


def test_what_refines_another_is_not_asked_where_the_other_claims_nothing(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", providing("acme"), conclusive=("acme.lock",))
    tools = site.install("tools", reading("tools"), evidence=("pyproject.toml",), refines=("pip",))
    app.write("acme.lock", "")
    app.write("pyproject.toml", "[tool.tools]\n")
    assert found(app, site) == Detected("acme", "acme.lock exists")
    assert tools not in sys.modules


def test_what_refines_a_claim_that_the_settings_make_is_asked_as_well(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    site.install("tools", reading("tools"), evidence=("pyproject.toml",), refines=("acme",))
    app.write("layerwright.toml", "[acme]\nfile = 'other.lock'\n")
    app.write("other.lock", "")
    app.write("pyproject.toml", "[tool.tools]\n")
    assert found(app, site) == Detected("tools", "pyproject.toml exists, and tools refines acme")


def test_a_file_that_the_settings_name_is_worth_as_much_as_a_conclusive_one(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    site.install("beta", providing("beta"), conclusive=("beta.lock",))
    app.write("layerwright.toml", "[acme]\nfile = 'other.lock'\n")
    app.write("other.lock", "")
    app.write("beta.lock", "")
    with pytest.raises(UserError) as caught:
        found(app, site)
    assert caught.value.cause.startswith("beta: beta.lock exists (layerwright-beta 1.0)\nacme: other.lock")


def test_a_plugin_of_several_package_managers_says_which_one_a_conclusive_file_is_for(
    app: Application, site: PluginSite
) -> None:
    module = "layerwright_suite"
    site.install(
        "suite",
        providing("acme", evidence="acme.lock"),
        plugins={"acme": module, "acme-too": module},
        conclusive=("acme.lock",),
    )
    app.write("acme.lock", "")
    assert found(app, site) == Detected("acme", "acme.lock exists")


@pytest.mark.parametrize(
    ("configuration", "environment"),
    [("file = 'other.lock'\n", {}), ("", {"LAYERWRIGHT_ACME_FILE": "other.lock"})],
)
def test_a_plugin_with_settings_of_its_own_is_asked(
    app: Application, site: PluginSite, configuration: str, environment: dict[str, str]
) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    app.write("layerwright.toml", f"[acme]\n{configuration}")
    app.write("acme.lock", "")
    assert found(app, site, environment=environment) is None
    app.write("other.lock", "")
    assert found(app, site, environment=environment) == Detected("acme", "other.lock exists")


def test_a_plugin_without_published_evidence_is_asked(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"))
    site.install("beta", providing("beta"), conclusive=("beta.lock",))
    app.write("acme.lock", "")
    assert found(app, site) == Detected("acme", "acme.lock exists")


def test_evidence_that_is_published_for_another_module_is_not_gone_by(
    app: Application, site: PluginSite
) -> None:
    module = site.install(
        "acme",
        "from layerwright import hookimpl",
        plugins={"acme": "layerwright_real"},
        conclusive=("acme.lock",),
    )
    site.install("real", providing("acme", evidence="acme.lock"), plugins={})
    app.write("acme.lock", "")
    assert found(app, site) == Detected("acme", "acme.lock exists")
    assert module not in sys.modules


def test_a_plugin_that_shares_its_evidence_decides_for_itself(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"), evidence=("pyproject.toml",))
    site.install("beta", providing("beta", evidence="beta.lock"), evidence=("pyproject.toml",))
    app.write("pyproject.toml", "")
    assert found(app, site) is None
    app.write("beta.lock", "")
    assert found(app, site) == Detected("beta", "beta.lock exists")


def test_of_several_claims_one_can_be_preferred_by_others_than_the_application(
    app: Application, site: PluginSite
) -> None:
    for name in ("acme", "beta"):
        site.install(name, providing(name, evidence=f"{name}.lock"), conclusive=(f"{name}.lock",))
        app.write(f"{name}.lock", "")
    project, given = Project(app.path), Given("the buildpack", {"package-manager": "beta"})
    sources = read_sources(project, {}, [given])
    assert detect(project, sources, entry_points([str(site.path)])) == Detected(
        "beta", "beta.lock exists, and the buildpack: package-manager prefers it"
    )


def test_several_claims_are_an_error_that_names_each_file_and_the_line_that_decides(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"), conclusive=("acme.lock",))
    site.install("beta", providing("beta", evidence="beta.lock"), conclusive=("beta.lock",))
    app.write("acme.lock", "")
    app.write("beta.lock", "")
    with pytest.raises(UserError) as caught:
        found(app, site)
    error = caught.value
    assert error.summary == "More than one package manager claims this application."
    assert error.cause == (
        "acme: acme.lock exists (layerwright-acme 1.0)\nbeta: beta.lock exists (layerwright-beta 1.0)"
    )
    assert 'package-manager = "acme" or package-manager = "beta"' in error.remedy[0]
    assert error.reference == "several-package-managers"
    assert found(app, site, "beta") == Detected("acme", "acme.lock exists")


def test_a_bad_configuration_is_reported_where_a_plugin_has_to_read_it(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    app.write("layerwright.toml", "[acme]\nfiel = 'other.lock'\n")
    with pytest.raises(ConfigurationError, match=r"has a problem"):
        found(app, site)


def test_two_plugins_that_claim_one_file_are_both_named(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"), conclusive=("acme.lock",), version="1.2")
    site.install("beta", providing("beta", evidence="acme.lock"), conclusive=("acme.lock",))
    app.write("acme.lock", "")
    with pytest.raises(UserError) as caught:
        found(app, site)
    assert caught.value.cause == (
        "acme: acme.lock exists (layerwright-acme 1.2)\nbeta: acme.lock exists (layerwright-beta 1.0)"
    )


def test_a_plugin_that_is_asked_has_no_other_imported(app: Application, site: PluginSite) -> None:
    acme = site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    beta = site.install("beta", providing("beta"), conclusive=("beta.lock",))
    app.write("layerwright.toml", "[acme]\nfile = 'other.lock'\n")
    app.write("other.lock", "")
    assert found(app, site) == Detected("acme", "other.lock exists")
    assert acme in sys.modules
    assert beta not in sys.modules


def test_the_tables_of_other_plugins_are_read_along(app: Application, site: PluginSite) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    site.install("beta", providing("beta"), conclusive=("beta.lock",))
    site.install("suite", providing("gamma"), conclusive=("gamma.lock",))
    app.write("other.lock", "")
    app.write(
        "layerwright.toml", "[acme]\nfile = 'other.lock'\n[beta]\nlaunch = true\n[gamma]\nlaunch = true\n"
    )
    assert found(app, site) == Detected("acme", "other.lock exists")


def test_a_broken_plugin_whose_table_has_to_be_read_along_is_an_error(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    site.install("broken", "raise RuntimeError('oops')", conclusive=("broken.lock",))
    app.write("other.lock", "")
    app.write("layerwright.toml", "[acme]\nfile = 'other.lock'\n[broken]\nlaunch = true\n")
    with pytest.raises(PluginError, match=r"defect in layerwright-broken 1\.0"):
        found(app, site)


def test_a_plugin_without_package_managers_is_never_asked_for_one(app: Application, site: PluginSite) -> None:
    suite = site.install("suite", "raise RuntimeError('oops')", evidence=("none",))
    site.install("acme", providing("acme"), conclusive=("acme.lock",))
    app.write("acme.lock", "")
    app.write("none", "")
    assert found(app, site) == Detected("acme", "acme.lock exists")
    app.write("layerwright.toml", 'package-manager = "suite"\n')
    with pytest.raises(UserError, match='The package manager "suite" is not installed'):
        found(app, site)
    assert suite not in sys.modules
    assert found(app, site, environment={"LAYERWRIGHT_PACKAGE_MANAGER": "acme"}) is not None


def test_the_table_of_a_disabled_plugin_is_no_error(app: Application, site: PluginSite) -> None:
    site.install("acme", CONFIGURABLE, conclusive=("acme.lock",))
    beta = site.install("beta", "raise RuntimeError", conclusive=("beta.lock",))
    app.write("layerwright.toml", "[acme]\nfile = 'other.lock'\n[beta]\nanything = true\n")
    app.write("other.lock", "")
    assert found(app, site, "beta") == Detected("acme", "other.lock exists")
    assert found(app, site, "layerwright-beta") is not None
    assert beta not in sys.modules


# Plugins that are in the way


@pytest.mark.parametrize("configuration", ["", 'package-manager = "acme"\n'])
def test_a_plugin_for_another_plugin_api_is_refused_without_importing_it(
    app: Application, site: PluginSite, configuration: str
) -> None:
    acme = site.install("acme", providing("acme"), conclusive=("acme.lock",), apis=("3",))
    site.install("beta", providing("beta", evidence="beta.lock"), conclusive=("beta.lock",))
    app.write("acme.lock", "")
    app.write("layerwright.toml", configuration)
    with pytest.raises(PluginError, match=r"layerwright-acme 1\.0 does not work with this Layerwright"):
        found(app, site)
    assert acme not in sys.modules
    assert found(app, site, environment={"LAYERWRIGHT_PACKAGE_MANAGER": "beta"}) is not None


def test_a_plugin_for_another_plugin_api_is_in_no_ones_way(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme"), conclusive=("acme.lock",), apis=("3",))
    site.install("beta", providing("beta"), conclusive=("beta.lock",))
    app.write("beta.lock", "")
    assert found(app, site) == Detected("beta", "beta.lock exists")


def test_a_plugin_for_another_plugin_api_without_evidence_could_claim_anything(
    app: Application, site: PluginSite
) -> None:
    site.install("acme", providing("acme"), apis=("3",))
    site.install("beta", providing("beta", evidence="beta.lock"), evidence=("beta.lock",))
    app.write("beta.lock", "")
    with pytest.raises(PluginError, match=r"layerwright-acme 1\.0 does not work with this Layerwright"):
        found(app, site)
    app.write("layerwright.toml", 'package-manager = "beta"\n')
    assert found(app, site) is not None


@pytest.mark.parametrize("configuration", ["", 'package-manager = "acme"\n'])
def test_two_plugins_with_one_name_are_both_named_without_importing_either(
    app: Application, site: PluginSite, configuration: str
) -> None:
    acme = site.install("acme", providing("acme"), conclusive=("acme.lock",))
    copy = site.install(
        "copy", providing("acme"), plugins={"acme": "layerwright_copy"}, conclusive=("a.lock",)
    )
    app.write("acme.lock", "")
    app.write("layerwright.toml", configuration)
    with pytest.raises(PluginError) as caught:
        found(app, site)
    assert caught.value.summary == 'Two plugins provide "acme".'
    assert caught.value.cause == "They are layerwright-acme 1.0 and layerwright-copy 1.0."
    assert caught.value.reference == "plugin-conflict"
    assert not {acme, copy} & sys.modules.keys()
    assert found(app, site, "layerwright-copy") is not None


def test_the_table_of_two_plugins_with_other_names_is_no_unknown_one(
    app: Application, site: PluginSite
) -> None:
    for name in ("one", "two"):
        site.install(name, providing("acme"), conclusive=(f"{name}.lock",))
    site.install("beta", CONFIGURABLE.replace('"acme"', '"beta"'), conclusive=("beta.lock",))
    app.write("layerwright.toml", "[beta]\nfile = 'other.lock'\n[acme]\nlaunch = true\n")
    app.write("other.lock", "")
    with pytest.raises(PluginError) as caught:
        found(app, site)
    assert caught.value.summary == 'Two plugins provide the package manager "acme".'


def test_a_table_with_the_name_of_a_plugin_can_be_renamed(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme"), conclusive=("acme.lock",))
    app.write("layerwright.toml", 'package-manager = "acme"\n')
    table = EntryPoint(PLUGIN_GROUP, "acme", "[acme]", "layerwright.toml", "[acme]", object())
    project = Project(app.path)
    with pytest.raises(PluginError) as caught:
        detect(project, read_sources(project, {}), [*site.entry_points, table])
    assert caught.value.cause == "They are layerwright-acme 1.0 and layerwright.toml [acme]."
    assert caught.value.remedy == ("Rename or remove that table.",)


def test_a_broken_plugin_that_could_take_part_is_an_error(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"), evidence=("acme.lock",))
    site.install("broken", "raise RuntimeError('oops')")
    app.write("acme.lock", "")
    with pytest.raises(PluginError, match=r"defect in layerwright-broken 1\.0"):
        found(app, site)
    assert found(app, site, "broken") == Detected("acme", "acme.lock exists")


def test_a_broken_plugin_that_could_not_is_none(app: Application, site: PluginSite) -> None:
    site.install("acme", providing("acme", evidence="acme.lock"))
    site.install("broken", "raise RuntimeError('oops')", conclusive=("broken.lock",))
    app.write("acme.lock", "")
    assert found(app, site) == Detected("acme", "acme.lock exists")


@pytest.mark.parametrize(
    ("detection", "cause"),
    [
        ("1 / 0", "detect raised ZeroDivisionError"),
        (
            "Detection(evidence=5)",
            "detect returned values of the wrong type:\nDetection.evidence is 5",
        ),
        ("'acme.lock'", "detect returned 'acme.lock', not Detection."),
    ],
)
def test_a_plugin_that_cannot_answer_is_blamed(
    app: Application, site: PluginSite, detection: str, cause: str
) -> None:
    source = providing("acme").replace(
        "return Detection(evidence='') if request.project.exists('') else None", f"return {detection}"
    )
    site.install("acme", source)
    with pytest.raises(PluginError) as caught:
        found(app, site)
    assert caught.value.cause.startswith(cause)


# The configured package manager


@pytest.mark.parametrize(
    ("text", "environment", "origin"),
    [
        ('package-manager = "acme"\n', {}, "layerwright.toml: package-manager"),
        (
            'package-manager = "beta"\n',
            {"LAYERWRIGHT_PACKAGE_MANAGER": "acme"},
            "LAYERWRIGHT_PACKAGE_MANAGER",
        ),
    ],
)
def test_the_configured_package_manager_is_used_whatever_files_there_are(
    app: Application, site: PluginSite, text: str, environment: dict[str, str], origin: str
) -> None:
    acme = site.install("acme", providing("acme"), conclusive=("acme.lock",))
    site.install("beta", providing("beta"), conclusive=("beta.lock",))
    app.write("layerwright.toml", text)
    app.write("beta.lock", "")
    assert found(app, site, environment=environment) == Detected("acme", f"{origin} names it")
    assert acme not in sys.modules


def test_a_package_manager_need_not_be_called_like_its_entry_point(
    app: Application, site: PluginSite
) -> None:
    site.install("suite", providing("acme"))
    app.write("layerwright.toml", 'package-manager = "acme"\n')
    assert found(app, site) == Detected("acme", "layerwright.toml: package-manager names it")


def test_a_configured_package_manager_that_is_not_installed_is_an_error(
    app: Application, site: PluginSite
) -> None:
    site.install("beta", providing("beta"))
    site.install("gamma", providing("gamma"))
    app.write("layerwright.toml", 'package-manager = "acme"\n')
    with pytest.raises(UserError) as caught:
        found(app, site)
    error = caught.value
    assert error.summary == 'The package manager "acme" is not installed.'
    assert (
        error.cause == "layerwright.toml: package-manager names it. Installed package managers: beta, gamma."
    )
    assert error.remedy == (
        "Correct layerwright.toml: package-manager, or install the plugin that provides it"
        " (layerwright-acme, by convention).",
    )
    assert error.reference == "unknown-package-manager"


def test_a_configured_package_manager_that_is_switched_off_is_an_error(
    app: Application, site: PluginSite
) -> None:
    acme = site.install("acme", providing("acme"))
    site.install("broken", "raise RuntimeError('oops')")
    app.write("layerwright.toml", 'package-manager = "acme"\n')
    with pytest.raises(UserError) as caught:
        found(app, site, "acme")
    assert caught.value.summary == 'The package manager "acme" is disabled.'
    assert (
        caught.value.cause == "layerwright.toml: package-manager names it. Installed package managers: none."
    )
    assert caught.value.remedy == ("Remove it from LAYERWRIGHT_DISABLE_PLUGINS.",)
    assert acme not in sys.modules


def test_a_broken_plugin_is_an_error_where_it_could_provide_the_configured_one(
    app: Application, site: PluginSite
) -> None:
    site.install("suite", "raise RuntimeError('oops')")
    app.write("layerwright.toml", 'package-manager = "acme"\n')
    with pytest.raises(PluginError, match=r"defect in layerwright-suite 1\.0"):
        found(app, site)


# Start-up


@pytest.mark.parametrize(
    "configuration",
    ["", "[tool.layerwright]\npackage-manager = 'pip'\n", "[tool.layerwright.pip]\nlaunch = true\n"],
)
def test_detecting_imports_nothing_that_takes_time(app: Application, configuration: str) -> None:
    """The command's budget is four times the start of a bare interpreter."""
    app.write("requirements.txt", "")
    app.write("pyproject.toml", configuration)
    code = (
        "import sys\n"
        "from layerwright.cli.main import main\n"
        f"sys.exit(main(['detect', {str(app.path)!r}]) or ', '.join({HEAVY!r} & sys.modules.keys()) or 0)"
    )
    # Without the site module, whose .pth files may import anything.
    script = f"import sys; sys.path[:0] = {sys.path!r}\n{code}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("pip, because ")


def test_the_installed_plugins_are_found_by_what_they_publish(app: Application) -> None:
    app.write("requirements.txt", "")
    project = Project(app.path)
    assert detect(project, read_sources(project, {}), entry_points()) == Detected(
        "pip", "requirements.txt exists"
    )
