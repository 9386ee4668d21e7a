"""A plugin that is no package manager may have a table of its own, which its hooks get."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright import PluginError
from layerwright.build.choose.prepare import prepare
from layerwright.build.detect import detect
from layerwright.build.phase import build
from layerwright.config.editing.change import parse_value
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.errors import ConfigurationError, UserError
from layerwright.files.project import Project
from layerwright.output.log import Log
from layerwright.plugins.loading import load_plugins
from tests.fixtures.plugins import PluginSite, providing
from tests.unit.small import EVIDENCE, PLUGIN, small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.build.request import BuildRequest

TABLE = """\
from dataclasses import dataclass
from layerwright import Command, Process, ProposedProcess, ToolSettings, hookimpl

@dataclass(frozen=True, kw_only=True)
class Settings:
    greeting: str = "hello"

@hookimpl
def layerwright_settings():
    {body}
"""
HOOKS = """\

@hookimpl
def layerwright_processes(context):
    greet = Process(type="greet", command=("echo", context.settings.greeting))
    return [ProposedProcess(process=greet, because="it is polite")]

@hookimpl
def layerwright_post_install(context):
    return [Command(argv=("echo", context.settings.greeting))]
"""
GREETER = TABLE.format(body="return Settings") + HOOKS
NO_TABLE = HOOKS.replace("context.settings.greeting", "str(context.settings)")
NO_TABLE = f"from layerwright import Command, Process, ProposedProcess, hookimpl\n{NO_TABLE}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    with PluginSite(tmp_path / "site-packages") as site:
        yield site


def request(tmp_path: Path, site: PluginSite, configuration: str = "", **environment: str) -> BuildRequest:
    write_lock(tmp_path / "app")
    (tmp_path / "layers").mkdir()
    (tmp_path / "app" / "layerwright.toml").write_text(configuration)
    return small_request(
        tmp_path, entry_points=[PLUGIN, EVIDENCE, *site.entry_points], environment=environment
    )


def built(request: BuildRequest) -> tuple[dict[str, tuple[tuple[str, ...], str]], str]:
    """Return command and origin of each process, and the log."""
    log = io.StringIO()
    found = build(request, Log(log, log)).processes
    return {process.type: (process.command, origin) for process, origin in found}, log.getvalue()


@pytest.mark.parametrize(
    ("configuration", "environment", "greeting"),
    [
        ("", {}, "hello"),
        ("[greeter]\ngreeting = 'good day'\n", {}, "good day"),
        ("", {"LAYERWRIGHT_GREETER_GREETING": "good night"}, "good night"),
    ],
)
def test_the_hooks_of_a_plugin_get_the_settings_of_its_table(
    tmp_path: Path, site: PluginSite, configuration: str, environment: dict[str, str], greeting: str
) -> None:
    site.install("greeter", GREETER, evidence=("none",))
    found, log = built(request(tmp_path, site, configuration, **environment))
    assert found["greet"] == (("echo", greeting), "layerwright-greeter 1.0, because it is polite")
    assert f"\n    {greeting}\n" in log


@pytest.mark.parametrize(
    "source", [NO_TABLE, NO_TABLE + "\n@hookimpl\ndef layerwright_settings(): return None\n"]
)
def test_without_a_table_there_are_no_settings(tmp_path: Path, site: PluginSite, source: str) -> None:
    site.install("greeter", source, evidence=("none",))
    assert built(request(tmp_path, site))[0]["greet"][0] == ("echo", "None")


def test_a_table_is_validated_as_any_other(tmp_path: Path, site: PluginSite) -> None:
    site.install("greeter", GREETER, evidence=("none",))
    with pytest.raises(ConfigurationError) as caught:
        prepare(request(tmp_path, site, "[greeter]\ngreting = 'hello'\ngreeting = 1\n"))
    assert caught.value.problems == (
        "layerwright.toml: greeter.greting is an unknown key; did you mean greeting?",
        "layerwright.toml: greeter.greeting must be a string, not 1",
    )


def test_a_table_is_no_package_manager(site: PluginSite) -> None:
    site.install("greeter", GREETER, evidence=("none",))
    site.install("acme", providing("acme"))
    tables = load_plugins(site.entry_points).tables
    assert list(configure(Sources({}, {}), tables).tools) == ["acme", "greeter"]
    assert parse_value("greeter.greeting", "hi", tables) == "hi"
    with pytest.raises(UserError) as caught:
        parse_value("package-manager", "greeter", tables)
    assert caught.value.cause == "Installed package managers: acme."


def test_detection_among_several_knows_the_table_too(tmp_path: Path, site: PluginSite) -> None:
    site.install("greeter", GREETER, evidence=("none",))
    site.install("acme", providing("acme", evidence="acme.lock"))
    (tmp_path / "acme.lock").touch()
    sources = Sources({"layerwright.toml": {"greeter": {"greeting": "hi"}}}, {})
    found = detect(Project(tmp_path), sources, site.entry_points)
    assert found is not None
    assert found.name == "acme"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("raise RuntimeError('oops')", "layerwright_settings raised RuntimeError: oops"),
        (
            "return 5",
            "layerwright_settings returned 5, which is not a dataclass with a default for each field.",
        ),
        ("return int", "layerwright_settings returned <class 'int'>, which is not a dataclass"),
        (
            "return Settings()",
            "layerwright_settings returned Settings(greeting='hello'), which is not a dataclass",
        ),
        (
            "return ToolSettings",
            "layerwright_settings returned <class 'layerwright.config.models.ToolSettings'>,",
        ),
        (
            "return dataclass(type('Bare', (), {'__annotations__': {'name': str}}))",
            "layerwright_settings returned <class 'layerwright_greeter.Bare'>,",
        ),
    ],
)
def test_what_cannot_model_a_table_is_a_defect(site: PluginSite, body: str, cause: str) -> None:
    site.install("greeter", TABLE.format(body=body))
    with pytest.raises(PluginError) as caught:
        load_plugins(site.entry_points).tables  # noqa: B018
    assert caught.value.summary == "This is a defect in layerwright-greeter 1.0, not in your application."
    assert caught.value.cause.startswith(cause)


@pytest.mark.parametrize("name", ["python", "processes", "Greeter", "a/b"])
def test_a_table_needs_a_name_that_is_free(site: PluginSite, name: str) -> None:
    site.install("greeter", GREETER, plugins={name: "layerwright_greeter"})
    with pytest.raises(PluginError) as caught:
        load_plugins(site.entry_points).tables  # noqa: B018
    assert f'cannot be called "{name}"' in caught.value.cause


def test_two_plugins_that_claim_one_table_are_both_named(site: PluginSite) -> None:
    site.install("acme", providing("acme"))
    site.install("greeter", GREETER, plugins={"acme": "layerwright_greeter"})
    with pytest.raises(PluginError) as caught:
        load_plugins(site.entry_points).tables  # noqa: B018
    assert caught.value.summary == 'Two plugins provide settings in a table called "acme".'
    assert caught.value.cause == "They are layerwright-acme 1.0 and layerwright-greeter 1.0."


def test_a_package_managers_own_plugin_has_no_second_table(site: PluginSite) -> None:
    site.install("beta", f"{providing('beta')}{GREETER}")
    with pytest.raises(PluginError) as caught:
        load_plugins(site.entry_points).tables  # noqa: B018
    assert caught.value.cause == 'It has two tables called "beta": its own, and its package manager\'s.'
