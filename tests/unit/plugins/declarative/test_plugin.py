"""Plugins whose package manager is declared, in a file of theirs or in the configuration, live as any others do."""

from __future__ import annotations

import importlib
import tomllib
from argparse import Namespace
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from layerwright import UserError
from layerwright.build.choose.prepare import prepare
from layerwright.build.detect import Detected, detect
from layerwright.buildpack import Buildpack
from layerwright.cli.config.show import run as show_config
from layerwright.cli.detect import detect_application
from layerwright.cli.plugins import check as plugins_check
from layerwright.cnb.context import DetectContext
from layerwright.cnb.target import Target
from layerwright.config.sources import Given, read_sources
from layerwright.errors import ConfigurationError, PluginError
from layerwright.files.project import Project
from layerwright.output.log import Log
from layerwright.plugins.entry_points import CONCLUSIVE_GROUP, PLUGIN_GROUP, EntryPoint
from layerwright.plugins.loading import load_plugins
from layerwright.plugins.own import with_declared
from layerwright.testing import Application
from tests.fixtures.plugins import PluginSite, providing
from tests.unit.plugins.declarative.sample import MINIMAL
from tests.unit.small import made_for_this, small_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


TABLE = MINIMAL.replace('name = "acme"\n', "", 1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    with PluginSite(tmp_path / "site-packages") as site:
        yield site


def install(site: PluginSite, declaration: str, source: str = "", name: str = "acme") -> None:
    """Install a plugin whose import package has a declaration, and the module *source*."""
    site.install(name, "", conclusive=(f"{name}.lock",))
    (site.path / f"layerwright_{name}.py").unlink()
    package = site.path / f"layerwright_{name}"
    package.mkdir()
    (package / "__init__.py").write_text(source)
    (package / "package-manager.toml").write_text(declaration)
    importlib.invalidate_caches()


# In a plugin


def test_a_file_in_its_import_package_is_as_good_as_a_hook(site: PluginSite) -> None:
    install(site, MINIMAL)
    plugins = load_plugins(site.entry_points)
    assert plugins.package_manager("acme").display_name == "Acme"
    assert plugins.provider("acme").label == "layerwright-acme 1.0"


def test_a_plugin_may_have_both(site: PluginSite) -> None:
    install(site, MINIMAL, providing("beta"))
    assert set(load_plugins(site.entry_points).package_managers) == {"acme", "beta"}


def test_the_file_of_a_plugin_that_is_not_asked_is_not_read(site: PluginSite) -> None:
    install(site, "not TOML")
    assert load_plugins(site.entry_points, only=["beta"]).broken == []


def test_a_file_with_problems_makes_a_broken_plugin_and_the_others_go_on(site: PluginSite) -> None:
    install(site, f"{MINIMAL}nane = 1\n")
    site.install("beta", providing("beta"))
    plugins = load_plugins(site.entry_points)
    assert list(plugins.package_managers) == ["beta"]
    with pytest.raises(PluginError, match=r"defect in layerwright-acme 1\.0") as caught:
        plugins.package_manager("acme")
    assert caught.value.cause == "package-manager.toml: nane is an unknown key; did you mean name?"


def test_an_application_is_claimed_without_importing_or_reading_anything(
    site: PluginSite, app: Application
) -> None:
    install(site, "not TOML", "raise RuntimeError")
    app.write("acme.lock", "")
    project = Project(app.path)
    assert detect(project, read_sources(project, {}), site.entry_points) == Detected(
        "acme", "acme.lock exists"
    )


# In the configuration


def declared(app: Application, *given: Given, allowed: bool = True) -> tuple[EntryPoint, ...]:
    sources = read_sources(Project(app.path), {}, given)
    return with_declared((), sources, app.path, allowed=allowed)


def in_layerwright_toml(app: Application, more: str = "") -> None:
    app.write("layerwright.toml", f"[package-managers.acme]\n{TABLE}{more}")


def test_without_a_declaration_there_are_the_plugins_alone(app: Application) -> None:
    assert declared(app) == ()


def test_a_declaration_is_a_plugin_that_says_where_it_is(app: Application) -> None:
    app.write("pyproject.toml", f"[tool.layerwright.package-managers.acme]\n{TABLE}")
    plugin, evidence = declared(app)
    assert (plugin.group, plugin.name) == (PLUGIN_GROUP, "acme")
    assert (evidence.group, evidence.name) == (CONCLUSIVE_GROUP, "acme.lock")
    assert plugin.label == "pyproject.toml [tool.layerwright.package-managers.acme]"
    assert load_plugins([plugin, evidence]).package_manager("acme").display_name == "Acme"


@pytest.mark.parametrize(
    ("files", "because"),
    [
        (("acme.lock",), "acme.lock exists, and acme refines pip"),
        (("pyproject.toml",), "pyproject.toml exists, and acme refines pip"),
        (("setup.py",), "setup.py exists, and acme refines pip"),
    ],
)
def test_its_claims_are_worth_what_they_would_be_in_a_plugin(
    app: Application, files: tuple[str, ...], because: str
) -> None:
    more = 'detect.tables = ["project"]\ndetect.fallback.files = ["setup.py"]\ndetect.refines = ["pip"]\n'
    in_layerwright_toml(app, more)
    pip = EntryPoint(PLUGIN_GROUP, "pip", "layerwright_pip", "layerwright-pip", "1")
    published = pip._replace(group=CONCLUSIVE_GROUP, name="requirements.txt")
    found = [*made_for_this([pip]), pip, published, *declared(app)]
    app.write("requirements.txt", "")
    project = Project(app.path)
    assert detect(project, read_sources(project, {}), found) == Detected("pip", "requirements.txt exists")
    for file in files:
        app.write(file, "[project]\n")
    project = Project(app.path)
    assert detect(project, read_sources(project, {}), found) == Detected("acme", because)


def test_its_files_are_beside_the_configuration(app: Application) -> None:
    app.write("acme.txt", f"acme-tool==1.5 --hash=sha256:{64 * 'a'}\n")
    in_layerwright_toml(app, 'tool.lock = "acme.txt"\n')
    with pytest.raises(UserError, match="not valid TOML"):
        declared(app)
    table = TABLE.replace('version = "1.5"', 'lock = "acme.txt"')
    app.write("layerwright.toml", f"[package-managers.acme]\n{table}")
    assert len(declared(app)) == 2


def test_the_stronger_file_has_it_as_a_whole(app: Application) -> None:
    app.write(
        "pyproject.toml", '[tool.layerwright.package-managers.acme]\ndisplay-name = "Ignored"\nnane = 1\n'
    )
    in_layerwright_toml(app)
    assert [entry.distribution for entry in declared(app)] == ["layerwright.toml"] * 2


def test_all_problems_of_all_declarations_are_reported_at_once(app: Application) -> None:
    in_layerwright_toml(
        app, "nane = 1\n[package-managers]\nbeta = 2\n[package-managers.gamma]\nname = 'delta'\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        declared(app)
    assert caught.value.problems == (
        "layerwright.toml: package-managers.acme.nane is an unknown key; did you mean name?",
        "layerwright.toml: package-managers.beta must be a table",
        'layerwright.toml: package-managers.gamma.name must be "gamma", as the table is called, or left out',
    )


def test_where_the_platform_does_not_allow_it_that_is_said(app: Application) -> None:
    in_layerwright_toml(app)
    with pytest.raises(ConfigurationError) as caught:
        declared(app, allowed=False)
    assert caught.value.problems == (
        "layerwright.toml: package-managers.acme declares a package manager, "
        "which applications may not do on this platform",
    )


def test_those_who_make_the_platform_may_declare_one_in_any_case(app: Application) -> None:
    given = Given("the buildpack acme 1.0", {"package-managers": {"acme": tomllib.loads(TABLE)}})
    plugin, _ = declared(app, given, allowed=False)
    assert plugin.label == "the buildpack acme 1.0 [package-managers.acme]"


def test_a_plugin_of_the_same_name_is_a_conflict_that_names_both(site: PluginSite, app: Application) -> None:
    install(site, MINIMAL)
    in_layerwright_toml(app)
    app.write("acme.lock", "")
    project = Project(app.path)
    sources = read_sources(project, {})
    found = with_declared(site.entry_points, sources, app.path, allowed=True)
    with pytest.raises(PluginError) as caught:
        detect(project, sources, found)
    assert "layerwright-acme 1.0" in caught.value.cause
    assert "layerwright.toml [package-managers.acme]" in caught.value.cause


def test_a_build_uses_it_with_its_settings(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    app = Application(tmp_path / "app")
    in_layerwright_toml(app, '[acme]\nversion = "1.4"\nlaunch = true\n')
    app.write("acme.lock", "")
    request = small_request(tmp_path, entry_points=())
    prepared = prepare(replace(request, own_package_managers=True))
    assert (prepared.manager.name, prepared.reason) == ("acme", "acme.lock exists")
    assert (prepared.settings.version, prepared.settings.launch) == ("1.4", True)
    with pytest.raises(ConfigurationError, match="problem"):
        prepare(request)


def test_a_buildpack_allows_it_only_where_its_makers_say_so(app: Application, tmp_path: Path) -> None:
    in_layerwright_toml(app)
    app.write("acme.lock", "")
    context = DetectContext(
        application=app.path,
        buildpack=tmp_path,
        platform=tmp_path,
        plan=tmp_path / "plan.toml",
        target=Target.of_this_machine(),
    )
    shown = StringIO()
    allowing = Buildpack(id="acme", version="1", own_package_managers=True)
    assert allowing.detect(context, {}, {}, Log(shown)) == 0
    assert shown.getvalue() == "acme, because acme.lock exists\n"
    with pytest.raises(ConfigurationError, match="problem"):
        Buildpack(id="acme", version="1").detect(context, {}, {}, Log(shown))


# On the command line


def test_commands_know_what_the_application_declares(app: Application) -> None:
    in_layerwright_toml(app, "[acme]\nlaunch = true\n")
    app.write("acme.lock", "")
    shown = StringIO()
    assert detect_application(str(app.path), Log(shown), {}) == 0
    assert show_config(Namespace(app=str(app.path), directory=None, json=False), Log(shown), {}) == 0
    assert shown.getvalue().startswith("acme, because acme.lock exists\n")
    assert "acme.launch" in shown.getvalue()


@pytest.mark.parametrize(("name", "words"), [("nothere.toml", "does not exist"), (".", "is a directory")])
def test_what_is_no_file_cannot_be_checked(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as raised:
        plugins_check.run(Namespace(file=str(tmp_path / name)), Log(StringIO()), {})
    assert raised.value.remedy == ("Pass the file to check, usually package-manager.toml.",)


def test_a_declaration_can_be_checked(tmp_path: Path) -> None:
    file = tmp_path / "package-manager.toml"
    file.write_text(MINIMAL)
    shown = StringIO()
    assert plugins_check.run(Namespace(file=str(file)), Log(shown), {}) == 0
    assert shown.getvalue() == f"{file} declares Acme 1.5, for applications with acme.lock.\n"
    file.write_text(f"{MINIMAL}nane = 1\n")
    with pytest.raises(UserError) as caught:
        plugins_check.run(Namespace(file=str(file)), Log(shown), {})
    assert caught.value.cause == f"{file}: nane is an unknown key; did you mean name?"
