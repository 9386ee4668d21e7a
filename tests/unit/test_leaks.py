"""A plugin that puts secrets wherever it can: core shows and keeps none of them."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import Command, EnvironmentInstall, LayerEnv, PackageManager, SecretStr, Unprovable, hookimpl
from layerwright.build.explain import explain
from layerwright.build.phase import build
from layerwright.cli.page.document import page
from layerwright.errors import LayerwrightError
from layerwright.output.log import Log
from layerwright.output.record import Recorder
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from layerwright.process.boundary import failure
from tests.unit.small import EVIDENCE, Small, small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright import EnvironmentRequest, ToolLayer, ToolRequest

SECRETS = {
    "ACME_TOKEN": "by-its-n4me",
    "ACME_DECLARED": "by-b3ing-declared",
    "ACME_INDEX": "https://us3r-name-9:passw0rd-9@example.com/p4th-token/simple?token=qu3ry-token",
}
VALUES = ("by-its-n4me", "by-b3ing-declared", "passw0rd-9", "p4th-token", "qu3ry-token")
LEAKY = EntryPoint(PLUGIN_GROUP, "small", __name__, "layerwright-leaky", "1.0")


class Leaky(Small):
    """Tells everything to everybody."""

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        tool = super().tool_layer(request)
        kept = request.project.toml("leaky.toml").get("kept", "")
        if kept == "environment":
            return replace(tool, env=LayerEnv().override("ACME", f"--token={SECRETS['ACME_TOKEN']}"))
        if kept == "stand-in":
            return replace(tool, stand_ins={"small": f"curl {SECRETS['ACME_TOKEN']}"})
        return replace(tool, inputs=self._inputs(request.environment))

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        install = super().environment(request)
        told = " ".join(request.environment[name] for name in SECRETS)
        say = Command(
            argv=("sh", "-c", f"echo '{told}'; printenv; exit ${{ACME_STATUS:-0}}"),
            env={"ACME_PLAIN": "1", "ACME_DECLARED": SecretStr(request.environment["ACME_DECLARED"])},
            shown=f"tell {told}",
            remedy=(f"Try {told}.",),
        )
        if "ACME_RAISES" in request.environment:
            raise ValueError(f"{request.environment['ACME_TOKEN']} at {request.environment['ACME_INDEX']}")
        return replace(
            install,
            inputs={**install.inputs, **self._inputs(request.environment)},
            commands=(*install.commands, say),
            sameness=Unprovable(f"because {told}"),
        )

    def _inputs(self, environment: Any) -> dict[str, str]:
        return {
            **{name: environment[name] for name in SECRETS},
            **{f"in {environment[name]}": "a name" for name in SECRETS},
            **{f"digest of {name}": f"sha256:{sha256(environment[name])}" for name in SECRETS},
        }


@hookimpl
def layerwright_package_managers() -> list[PackageManager]:
    return [Leaky()]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def built(root: Path, **environment: str) -> str:
    """Build, and return everything that is printed, and the record."""
    stream, recorder = io.StringIO(), Recorder()
    log = Log(stream, stream, followers=[recorder.follow])
    (root / "layers").mkdir(exist_ok=True)
    request = small_request(root, environment={**SECRETS, **environment}, entry_points=(LEAKY, EVIDENCE))
    found = None
    try:
        build(request, log)
    except LayerwrightError as error:
        found = failure(error)
        log.error(found)
    log.json(recorder.record(application=str(root / "app"), status=int(found is not None), error=found))
    return stream.getvalue()


def left_in(root: Path) -> str:
    """Return everything that is in the layers and in their metadata."""
    files = [path for path in (root / "layers").rglob("*") if path.is_file()]
    return "\n".join(path.read_text(errors="replace") for path in files)


def found_in(text: str) -> list[str]:
    wanted = [*VALUES, *map(sha256, (*VALUES, *SECRETS.values()))]
    return [value for value in wanted if value in text]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_lock(tmp_path / "app", "acme")
    return tmp_path


def test_nothing_of_a_build_has_a_secret(root: Path) -> None:
    log = built(root)
    assert "$ tell **** ****" in log
    assert "    ACME_DECLARED=****" in log
    assert f"    TMPDIR={root / 'temporary'}" in log
    assert not (root / "temporary").exists()
    assert '"because ****' in built(root)
    assert "$ tell **** ****" in (root / "layers" / "output.log").read_text()
    assert found_in(log) == []
    assert found_in(left_in(root)) == []


def test_nothing_of_a_failure_has_a_secret(root: Path) -> None:
    log = built(root, ACME_STATUS="3")
    assert "Try **** ****" in log
    assert found_in(log) == []
    assert found_in(left_in(root)) == []


def test_nothing_of_a_plugins_defect_has_a_secret(root: Path) -> None:
    log = built(root, ACME_RAISES="1")
    assert "ValueError: **** at https://****@example.com/" in log
    assert found_in(log) == []


def test_an_explanation_has_no_secret(root: Path) -> None:
    built(root)
    request = small_request(root, environment=SECRETS, entry_points=(LEAKY, EVIDENCE))
    stream = io.StringIO()
    Log(stream, stream).json(explain(request).as_json())
    assert "because ****" in stream.getvalue()
    assert found_in(stream.getvalue()) == []
    shown = page(explain(request), root / "by-its-n4me")
    assert "because ****" in shown
    assert "<h1>****</h1>" in shown
    assert found_in(shown) == []


def test_an_unexpected_error_has_no_secret(root: Path) -> None:
    built(root)
    stream = io.StringIO()
    log = Log(stream, stream)
    for error in (
        ValueError(SECRETS["ACME_INDEX"]),
        OSError(2, SECRETS["ACME_TOKEN"], SECRETS["ACME_TOKEN"]),
    ):
        log.error(failure(error))
    assert stream.getvalue().count("****") >= 3
    assert found_in(stream.getvalue()) == []


def test_layer_metadata_has_no_url_and_no_path(root: Path) -> None:
    built(root)
    records = "".join(
        path.read_text() for path in (root / "layers").glob("*.toml") if path.name != "launch.toml"
    )
    assert "schema" in records
    assert not re.search(r"://|/layers|/app|example\.com", records)


@pytest.mark.parametrize(("kept", "where"), [("environment", "env/ACME.override"), ("stand-in", "small")])
def test_a_plugin_that_keeps_a_secret_in_a_layer_is_defective(root: Path, kept: str, where: str) -> None:
    (root / "app" / "leaky.toml").write_text(f'kept = "{kept}"\n')
    log = built(root)
    assert "This is a defect in layerwright-leaky 1.0" in log
    assert f"tool_layer returned a secret in {where}, a file that stays in the layer." in log
    assert found_in(log) == []
