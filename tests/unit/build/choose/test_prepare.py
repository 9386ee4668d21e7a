from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import Command, EnvironmentInstall, Locked, PackageManager, ToolLayer, hookimpl
from layerwright.build._specify import describe
from layerwright.build.choose.prepare import prepare
from layerwright.errors import PluginError, UserError
from layerwright.plugins.entry_points import EVIDENCE_GROUP, PLUGIN_GROUP, EntryPoint
from layerwright.pythons.interpreter import VersionSource
from tests.unit.small import EVIDENCE, LOCK, PLUGIN, Small, small_request, write_lock
from tests.unit.tiny import TINY

if TYPE_CHECKING:
    from pathlib import Path


def test_the_package_manager_and_the_interpreter_are_chosen_with_their_reasons(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "layerwright.toml").write_text('[python]\nversion = "3.13"\n')

    prepared = prepare(small_request(tmp_path))

    assert (prepared.manager.name, prepared.reason) == ("small", f"{LOCK} exists")
    assert prepared.python_words == (
        "Python 3.13.0 from small: /small",
        "layerwright.toml: python.version: 3.13 (decides)",
        "default: >=3.11",
    )


def test_nothing_is_written_by_preparing_and_describing(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    request = small_request(tmp_path)

    described = describe(request, prepare(request))

    assert [path.name for path in tmp_path.iterdir()] == ["app"]
    assert [spec.name for spec in described.specs if spec.types.build] == ["python", "tool-small", "venv"]


def test_a_malformed_procfile_is_reported_before_anything_is_installed(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "Procfile").write_text("web gunicorn\u200b app:app\n")
    with pytest.raises(UserError) as caught:
        prepare(small_request(tmp_path))
    assert caught.value.summary == "The Procfile is malformed."
    assert caught.value.cause == r'Line 1 is not "type: command": web gunicorn\u200b app:app'


@pytest.mark.parametrize("settings", ["launch = true", "stand-in = false"])
def test_there_is_no_stand_in_where_the_tool_is_there_or_none_is_wanted(
    tmp_path: Path, settings: str
) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "layerwright.toml").write_text(f"[small]\n{settings}\n")
    request = small_request(tmp_path)

    described = describe(request, prepare(request))

    assert described.stand_ins is None
    assert described.tools[-1].spec.types.launch == (settings == "launch = true")


def asked(tmp_path: Path, configuration: str = "", **environment: str) -> list[str]:
    """Return the package managers of which something was wanted, to build where two could."""
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "layerwright.toml").write_text(configuration)
    request = small_request(tmp_path, entry_points=[PLUGIN, EVIDENCE, TINY], environment=environment)
    return list(prepare(request).plugins.package_managers)


def test_only_the_plugin_that_does_the_build_is_asked_for_its_package_managers(tmp_path: Path) -> None:
    assert asked(tmp_path) == ["small"]


def test_a_table_or_a_variable_of_another_package_manager_is_checked_by_it(tmp_path: Path) -> None:
    assert asked(tmp_path, "[tiny]\nlaunch = true\n") == ["small", "tiny"]
    assert asked(tmp_path, LAYERWRIGHT_TINY_LAUNCH="true") == ["small", "tiny"]


def test_an_unknown_table_is_compared_with_those_of_every_plugin(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        asked(tmp_path, "[tinny]\nlaunch = true\n")
    assert "did you mean tiny?" in caught.value.cause


def test_an_unknown_key_is_compared_with_those_of_every_plugin(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        asked(tmp_path, LAYERWRIGHT_TINYLAUNCH="true")
    assert "did you mean LAYERWRIGHT_TINY_LAUNCH?" in caught.value.cause


@pytest.fixture
def helped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where an application is that is built by a package manager which uses another one's tool."""
    monkeypatch.setattr(Small, "helper", "tiny")
    write_lock(tmp_path / "app", "acme")
    return tmp_path


def test_another_tool_that_is_used_has_a_layer_of_its_own_and_counts_for_the_venv(helped: Path) -> None:
    (helped / "app" / "layerwright.toml").write_text("[tiny]\nlaunch = true\n")
    request = small_request(helped, entry_points=[PLUGIN, EVIDENCE, TINY])
    described = describe(request, prepare(request))
    assert [(spec.name, spec.types.launch) for spec in described.specs[:3]] == [
        ("python", True),
        ("tool-tiny", True),
        ("tool-small", False),
    ]
    assert described.tools[-1].tool.version == "1"
    assert described.venv.inputs["Tiny version"] == "7"


def test_variables_that_another_tool_obeys_are_reserved_as_well(helped: Path) -> None:
    request = small_request(
        helped, entry_points=[PLUGIN, EVIDENCE, TINY], environment={"TINY_ELSEWHERE": "yes"}
    )
    with pytest.raises(UserError, match="TINY_ELSEWHERE") as caught:
        prepare(request)
    assert caught.value.cause.startswith("Python and Small and Tiny read them")


def test_another_tool_that_is_not_installed_is_named_with_what_to_do(helped: Path) -> None:
    with pytest.raises(UserError, match='The package manager "tiny" is not installed') as caught:
        prepare(small_request(helped))
    assert caught.value.remedy[0] == "Install the plugin that provides it (layerwright-tiny, by convention),"


def test_another_tool_whose_plugin_is_broken_is_that_plugins_defect(helped: Path) -> None:
    with pytest.raises(PluginError, match=r"a defect in layerwright-tiny 1\.0"):
        prepare(small_request(helped, entry_points=[PLUGIN, EVIDENCE, TINY._replace(module="no.such")]))


def test_a_directory_that_holds_nothing_of_pythons_is_distinguished_from_one_that_lacks_a_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "app").mkdir()

    with pytest.raises(UserError, match="No Python application was found"):
        prepare(small_request(tmp_path))

    (tmp_path / "app" / "main.py").write_text("")
    with pytest.raises(UserError, match="No package manager claims this application"):
        prepare(small_request(tmp_path))


def test_a_broken_plugin_that_was_to_do_the_build_stops_it(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    broken = EntryPoint(PLUGIN_GROUP, "small", "no.such.module", "layerwright-small", "2.0")

    with pytest.raises(PluginError, match=r"a defect in layerwright-small 2\.0"):
        prepare(small_request(tmp_path, entry_points=[broken, EVIDENCE._replace(module=broken.module)]))


def test_a_plugin_whose_entry_point_names_a_package_manager_that_it_lacks_is_defective(
    tmp_path: Path,
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "layerwright.toml").write_text('package-manager = "tiny"\n')

    with pytest.raises(PluginError, match=r"a defect in layerwright-small 1\.0") as raised:
        prepare(small_request(tmp_path, entry_points=[PLUGIN._replace(name="tiny")]))

    assert raised.value.cause == 'Its entry point "tiny" provides no package manager of that name.'


@pytest.mark.parametrize("method", ["tool_layer", "environment"])
def test_a_package_manager_that_returns_something_else_is_defective(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    write_lock(tmp_path / "app")
    monkeypatch.setattr(Small, method, lambda _self, _request: "nothing")
    request = small_request(tmp_path)
    prepared = prepare(request)

    with pytest.raises(PluginError, match="a defect in layerwright-small") as raised:
        describe(request, prepared)

    assert raised.value.cause.startswith(f"{method} returned 'nothing', not ")


@pytest.mark.parametrize("method", ["tool_layer", "environment"])
def test_a_package_manager_that_returns_a_part_of_a_wrong_type_is_defective(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    command = Command(argv=("acme",))
    values: dict[str, Any] = {
        # In place of (command,).
        "tool_layer": ToolLayer(version="1", inputs={"a": 1}, install=command),  # type: ignore[arg-type, dict-item]
        "environment": EnvironmentInstall(inputs={"a": 1}, commands=command, sameness=Locked()),  # type: ignore[arg-type, dict-item]
    }
    write_lock(tmp_path / "app")
    monkeypatch.setattr(Small, method, lambda _self, _request: values[method])
    request = small_request(tmp_path)

    with pytest.raises(PluginError, match="a defect in layerwright-small") as raised:
        describe(request, prepare(request))

    kind, field = {"tool_layer": ("ToolLayer", "install"), "environment": ("EnvironmentInstall", "commands")}[
        method
    ]
    assert raised.value.cause.splitlines() == [
        f"{method} returned values of the wrong type:",
        f"{kind}.inputs['a'] is 1",
        f"{kind}.{field} is a Command: {command!r}",
    ]


@pytest.mark.parametrize("method", ["also_uses", "python_pin", "python_bounds"])
def test_what_else_is_asked_of_a_package_manager_is_checked_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def raising(_self: Small, _about: object) -> None:
        raise KeyError("boom")

    write_lock(tmp_path / "app")
    monkeypatch.setattr(Small, method, lambda _self, _about: "uv")
    with pytest.raises(PluginError) as returned:
        prepare(small_request(tmp_path))
    monkeypatch.setattr(Small, method, raising)
    with pytest.raises(PluginError) as raised:
        prepare(small_request(tmp_path))

    assert returned.value.cause.startswith(f"{method} returned 'uv', not ")
    assert raised.value.cause == f"{method} raised KeyError: 'boom'"


@pytest.mark.parametrize("method", ["python_pin", "python_bounds"])
def test_what_is_no_version_specifier_is_an_error_that_names_its_place_and_shows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    write_lock(tmp_path / "app")
    source = VersionSource(origin="small.lock", value="hunter2", specifier="hunter2")
    monkeypatch.setattr(Small, method, lambda _self, _project: source)
    with pytest.raises(UserError, match=r"^small\.lock is not a Python version\.$") as caught:
        prepare(small_request(tmp_path))
    assert caught.value.reference == "bad-python-version"
    assert "hunter2" not in caught.value.cause


def test_the_interpreter_must_be_one_that_the_application_allows(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "pyproject.toml").write_text('[project]\nname = "app"\nrequires-python = "<3.13"\n')
    (tmp_path / "app" / ".python-version").write_text("3.13\n")

    with pytest.raises(UserError, match=r"Python 3\.13\.0 is excluded"):
        prepare(small_request(tmp_path, entry_points=[PLUGIN, EVIDENCE]))


@pytest.mark.parametrize("asked", [True, False], ids=["its file is not conclusive", "its file is conclusive"])
def test_each_plugin_is_asked_once_for_what_it_provides_in_detect_and_build_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    answers = Counter[str]()

    @dataclass(frozen=True, kw_only=True)
    class Greeting:
        loud: bool = False

    class Counting:
        @hookimpl
        def layerwright_package_managers(self) -> list[PackageManager]:
            answers["package managers"] += 1
            return [Small()]

        @hookimpl
        def layerwright_settings(self) -> type | None:
            answers["settings"] += 1
            return Greeting

    plugin = EntryPoint(PLUGIN_GROUP, "greeter", "greeter", "layerwright-greeter", "1.0", Counting())
    small = plugin._replace(name="small")
    evidence = EVIDENCE._replace(module="greeter", group=EVIDENCE_GROUP if asked else EVIDENCE.group)
    monkeypatch.setattr(Small, "helper", "tiny")
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "layerwright.toml").write_text("[greeter]\nloud = true\n[small]\nlaunch = true\n")

    prepared = prepare(small_request(tmp_path, entry_points=(plugin, small, evidence, TINY)))

    assert prepared.manager.name == "small"
    assert [other.name for other in prepared.others] == ["tiny"]
    assert answers == {"package managers": 1, "settings": 1}
