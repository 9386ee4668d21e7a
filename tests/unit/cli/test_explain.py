from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

import layerwright.cli.explain
from layerwright.cli.parser import parse
from layerwright.errors import UserError
from layerwright.output.log import Log
from tests.unit.cli.page.looking import read
from tests.unit.cli.page.sample import explained
from tests.unit.small import write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.build.explain import Explanation


class Local:
    """The platform of a small application below *root*; notes which execution environments were asked for."""

    def __init__(self, root: Path) -> None:
        self.app = root / "app"
        self.script = ""
        self.asked: list[str] = []

    def explain(self, *, exec_env: str) -> Explanation:
        self.asked.append(exec_env)
        return explained(self.app.parent)


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Local:
    write_lock(tmp_path / "app", "acme")
    found = Local(tmp_path)

    def platform(
        app: str, layers: str | None, environment: Mapping[str, str], *, option: str | None
    ) -> Local:
        return found

    monkeypatch.setattr(layerwright.cli.explain, "platform", platform)
    return found


def explain(*arguments: str) -> str:
    stream = io.StringIO()
    parsed = parse(["explain", *arguments])
    assert parsed.run(parsed, Log(stream, stream), {}) == 0
    return stream.getvalue()


def test_an_explanation_is_text_json_or_a_page(local: Local) -> None:
    assert explain().startswith("Package manager\n  Small, because small.lock exists\n")
    assert json.loads(explain("--json"))["package-manager"]["name"] == "small"
    assert read(explain("--html", "-")).lines[0] == "app"


def test_the_text_names_layers_that_are_removed(local: Local) -> None:
    (local.app.parent / "layers" / "cache-other").mkdir(parents=True)
    assert "\nLayers to remove\n  cache-other\n" in explain()


def test_a_page_is_written_to_the_file_and_the_log_names_it(local: Local) -> None:
    file = local.app.parent / "page.html"

    assert explain("--html", str(file), "--exec-env", "test") == f"Wrote {file}\n"
    first = file.read_bytes()
    assert explain("--html", str(file)) == f"Wrote {file}\n"

    assert file.read_bytes() == first
    assert read(file.read_text()).lines[1] == "A build would create all 5 layers."
    assert local.asked == ["test", ""]


def test_the_page_of_a_script_has_its_name(local: Local) -> None:
    local.script = "hello.py"
    assert read(explain("--html", "-")).title == "hello.py: what a build would do"


def test_a_file_that_is_no_page_is_refused_before_anything_is_explained(local: Local) -> None:
    file = local.app.parent / "app.py"
    file.write_text("print()")
    with pytest.raises(UserError, match="already exists"):
        explain("--html", str(file))
    assert local.asked == []


def test_json_and_a_page_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        parse(["explain", "--json", "--html", "page.html"])
    assert raised.value.code == 2
