from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright import Tool, ToolSettings
from layerwright.testing import environment_request, tool_request

if TYPE_CHECKING:
    from layerwright.testing import Application


def test_a_tool_request_has_a_value_for_everything(application: Application) -> None:
    request = tool_request(application)

    assert request.project.root == application.path
    assert request.settings == ToolSettings()
    assert (request.layer, request.venv) == (Path("/layers/tool-example"), Path("/layers/venv"))
    assert request.interpreter.executable == Path("/layers/python/bin/python3.13")


def test_an_environment_request_has_a_value_for_everything(application: Application) -> None:
    request = environment_request(application)

    assert request.tool == Tool(version="1.0", layer=Path("/layers/tool-example"))
    assert request.settings == ToolSettings()
    assert (request.cache, request.exec_env) == (Path("/layers/cache-example"), "production")
    assert request.others == {}


def test_what_a_test_is_about_is_given(application: Application, tmp_path: Path) -> None:
    settings = ToolSettings(launch=True)
    given = {"settings": settings, "name": "acme", "layers": tmp_path, "python": "3.12.4"}

    tool = tool_request(application, environment={"ACME": "1"}, **given)
    environment = environment_request(application, version="2", others={"uv": "3"}, **given)

    assert tool.settings is environment.settings is settings
    assert tool.environment == {"ACME": "1"}
    assert tool.layer == environment.tool.layer == tmp_path / "tool-acme"
    assert tool.interpreter.minor == "3.12"
    assert environment.others == {"uv": Tool(version="3", layer=tmp_path / "tool-uv")}
