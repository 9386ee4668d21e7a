from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.entry_points import PLUGIN_GROUP, EntryPoint
from layerwright.errors import PluginError, UserError
from layerwright.prepare import describe, prepare
from tests.unit.small import EVIDENCE, LOCK, PLUGIN, Small, small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path


def test_the_package_manager_and_the_interpreter_are_chosen_with_their_reasons(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "layerwright.toml").write_text('[python]\nversion = "3.13"\n')

    prepared = prepare(small_request(tmp_path))

    assert (prepared.manager.name, prepared.reason) == ("small", f"{LOCK} is there")
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


@pytest.mark.parametrize("settings", ["launch = true", "stand-in = false"])
def test_there_is_no_stand_in_where_the_tool_is_there_or_none_is_wanted(
    tmp_path: Path, settings: str
) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "layerwright.toml").write_text(f"[small]\n{settings}\n")
    request = small_request(tmp_path)

    described = describe(request, prepare(request))

    assert described.stand_ins is None
    assert described.tool_spec.types.launch == (settings == "launch = true")


def test_reserved_variables_are_all_named(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    environment = {"PYTHONPATH": "/elsewhere", "SMALL_ELSEWHERE": "yes"}

    with pytest.raises(UserError, match=r"PYTHONPATH, SMALL_ELSEWHERE\.") as caught:
        prepare(small_request(tmp_path, environment=environment))

    assert caught.value.reference == "reserved-environment"


def test_a_directory_that_holds_nothing_of_pythons_is_told_apart_from_one_that_lacks_a_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "app").mkdir()

    with pytest.raises(UserError, match="There is no Python application here"):
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

    assert raised.value.cause.startswith(f"{method} returned 'nothing', which is not a ")


def test_the_interpreter_must_be_one_that_the_application_allows(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "pyproject.toml").write_text('[project]\nname = "app"\nrequires-python = "<3.13"\n')
    (tmp_path / "app" / ".python-version").write_text("3.13\n")

    with pytest.raises(UserError, match=r"Python 3\.13\.0 is excluded"):
        prepare(small_request(tmp_path, entry_points=[PLUGIN, EVIDENCE]))
