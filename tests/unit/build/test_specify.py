"""What a package manager is asked for another execution environment than production, and does not do."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import EnvironmentInstall, Locked, PluginError, ToolSettings, Update, UserError
from layerwright.build._specify import describe
from layerwright.build.choose.prepare import prepare
from layerwright.build.explain import explain
from layerwright.build.phase import build
from layerwright.output.log import Log
from layerwright.process.redaction import KNOWN
from tests.unit import small
from tests.unit.small import Small, small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright import EnvironmentRequest, ToolLayer, ToolRequest

SAME = "The execution environment is test, but Small installs the same as for production.\n"


@dataclass(frozen=True, kw_only=True)
class Groups(ToolSettings):
    test_groups: tuple[str, ...] = ()


class WithGroups(Small):
    """Adds the groups that its settings name for the execution environment ``test``."""

    settings_model = Groups

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        found = super().environment(request)
        groups = request.settings.test_groups if request.exec_env == "test" else ()
        return replace(found, inputs={**found.inputs, "groups": " ".join(groups)})


class ForTestsAlone(Small):
    """Has nothing to install for production."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        if request.exec_env == "production":
            raise UserError("There is nothing to install.", reference="nothing")
        return super().environment(request)


def warnings(root: Path, manager: type[Small], exec_env: str, configuration: str = "") -> tuple[str, ...]:
    write_lock(root / "app")
    (root / "app" / "layerwright.toml").write_text(configuration)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small, "Small", manager)
        request = replace(small_request(root), exec_env=exec_env)
        return describe(request, prepare(request)).warnings


@pytest.mark.parametrize(
    ("manager", "remedy"),
    [
        (Small, "Small has no setting for it."),
        (WithGroups, "test-groups in [tool.layerwright.small] sets what else test needs."),
    ],
)
def test_a_test_environment_that_is_that_of_production_is_a_warning(
    tmp_path: Path, manager: type[Small], remedy: str
) -> None:
    assert warnings(tmp_path, manager, "test") == (SAME + remedy,)


@pytest.mark.parametrize(
    ("manager", "exec_env", "configuration"),
    [
        (Small, "production", ""),
        (WithGroups, "test", '[small]\ntest-groups = ["pytest"]\n'),
        (ForTestsAlone, "test", ""),
    ],
)
def test_nothing_is_said_of_production_and_of_what_is_another_environment(
    tmp_path: Path, manager: type[Small], exec_env: str, configuration: str
) -> None:
    assert warnings(tmp_path, manager, exec_env, configuration) == ()


def test_a_build_and_its_explanation_say_it(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    request: Any = replace(small_request(tmp_path), exec_env="test")
    stream = io.StringIO()
    build(request, Log(stream, stream))
    assert f"Warning: {SAME.splitlines()[0]}\n" in stream.getvalue()
    assert explain(request).warnings[0].startswith(SAME)


class Toolless(Small):
    """Has no tool of its own."""

    def tool_layer(self, request: ToolRequest) -> ToolLayer | None:  # type: ignore[override]
        return None


@pytest.mark.parametrize("asks", [False, True])
def test_a_package_manager_without_a_tool_has_no_tool_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asks: bool
) -> None:
    class Manager(Toolless):
        def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
            assert request.own_tool is None
            if asks:
                assert request.tool.version
            return super().environment(request)

    monkeypatch.setattr("tests.unit.small.Small", Manager)
    write_lock(tmp_path / "app", "acme", locked=True)
    stream = io.StringIO()
    if asks:
        with pytest.raises(PluginError) as caught:
            build(small_request(tmp_path), Log(stream, stream))
        assert "there is no tool layer: tool_layer returned None" in caught.value.cause
        return
    built = build(small_request(tmp_path), Log(stream, stream))
    assert [c.name for c in built.contributions] == ["python", "cache-small", "venv"]
    assert built.versions == {"python": "3.13.0"}


@pytest.mark.parametrize("other", ["production", "test"])
def test_the_commands_and_the_execution_environment_are_inputs_of_the_virtual_environment(
    tmp_path: Path, other: str
) -> None:
    write_lock(tmp_path / "app", "acme", locked=True)
    request = small_request(tmp_path)
    described = describe(request, prepare(request)).venv
    elsewhere: Any = replace(small_request(tmp_path), exec_env=other)
    found = describe(elsewhere, prepare(elsewhere)).venv
    assert (found.content_inputs == described.content_inputs) is (other == "production")
    commands = {name for name in found.content_inputs if name.startswith("command ")}
    assert commands == {"command download", "command install", "command resolve"}
    assert str(tmp_path) not in str(found.content_inputs)


def test_what_is_recorded_of_archives_has_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Manager(Small):
        def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
            archives = {"acme==1": "https://example.com/hunter2-token/acme"}
            return replace(super().environment(request), sameness=Locked(update=Update(archives=archives)))

    monkeypatch.setattr("tests.unit.small.Small", Manager)
    write_lock(tmp_path / "app", "acme", locked=True)
    KNOWN.learn(["hunter2-token"])
    request = small_request(tmp_path)
    sameness: Any = describe(request, prepare(request)).install.sameness
    assert list(sameness.update.archives) == ["acme==1"]
    assert "hunter2" not in str(sameness)
