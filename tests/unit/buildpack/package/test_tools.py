"""The tools whose wheels a buildpack contains, as its plugins describe them by default."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.buildpack import Buildpack
from layerwright.buildpack.package._tools import CarriedTool, add_wheels, carried_tools
from layerwright.buildpack.package.target import machine_of
from layerwright.config.python_request import PREFERRED_MINOR
from layerwright.errors import PluginError, UserError
from layerwright.output.log import Log
from layerwright.process.runner import Runner
from tests.fixtures.plugins import PluginSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.process.command import Command

HASH = f"sha256:{'0' * 64}"
ARM = machine_of("linux/arm64")

SOURCE = f"""
from layerwright import PackageManager, ToolLayer, distribution_layer, hookimpl

LOCK = '''acme==2.0 --hash={HASH}
native==1.0 ; platform_machine == "aarch64" --hash={HASH}
other==1.0 ; python_version < "3.13" or platform_machine == "x86_64" --hash={HASH}
'''

class Acme(PackageManager):
    name = "acme"
    display_name = "Acme"

    def detect(self, request):
        return None

    def tool_layer(self, request):
        assert not list(request.project.root.iterdir())
        version = request.settings.version or "2.0"
        hashed = {{"2.0": LOCK, "3.0": "acme==3.0"}}.get(version, "")
        return distribution_layer(request, "acme", version, scripts=("acme",), hashed=hashed)

    def environment(self, request):
        raise NotImplementedError

class Toolless(Acme):
    name = "toolless"
    display_name = "Toolless"

    def tool_layer(self, request):
        return None

class Wrong(Acme):
    name = "wrong"

    def tool_layer(self, request):
        return "acme"

@hookimpl
def layerwright_package_managers():
    return [Acme(), Toolless(), Wrong()]
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    with PluginSite(tmp_path / "site") as site:
        site.install("acme", SOURCE)
        yield site


def carried(
    site: PluginSite, *tools: str, own: str = "layerwright-acme", **defaults: Any
) -> tuple[tuple[CarriedTool, ...], str]:
    """Return the tools of a buildpack, and the log."""
    said = io.StringIO()
    buildpack = Buildpack(id="acme/python", version="1.0.0", tools=tools, defaults=defaults)
    found = carried_tools(buildpack, {own}, [str(site.path)], ARM, Log(said, said))
    return found, said.getvalue()


def test_a_tool_is_its_default_version_for_the_machine_of_the_buildpack(site: PluginSite) -> None:
    lines = (f"acme==2.0 --hash={HASH}", f"native==1.0 --hash={HASH}")
    assert carried(site, "acme") == ((CarriedTool("Acme 2.0", lines),), "")


def test_the_defaults_of_the_buildpack_decide_the_version(site: PluginSite) -> None:
    found, said = carried(site, "acme", acme={"version": "1.0"})
    assert found == ()
    assert said == "  Warning: Not in the buildpack, because its plugin does not lock it: Acme 1.0.\n"


def test_a_tool_that_cannot_be_unpacked_is_left_out(site: PluginSite) -> None:
    found, said = carried(site, "acme", "toolless", acme={"version": "3.0"})
    assert found == ()
    assert "does not lock it: Acme 3.0, Toolless." in said


def test_without_tools_no_plugin_is_asked(site: PluginSite) -> None:
    assert carried(site) == ((), "")


def test_a_tool_of_no_plugin_of_the_buildpack_is_refused(site: PluginSite) -> None:
    with pytest.raises(UserError) as caught:
        carried(site, "nope", "acme")
    assert (
        caught.value.summary == "There is no package manager nope, whose tool the buildpack should contain."
    )
    assert caught.value.cause == "Package managers of its installed plugins: acme, toolless, wrong."
    with pytest.raises(UserError, match="no package manager acme") as caught:
        carried(site, "acme", own="layerwright-other")
    assert caught.value.cause.endswith(": none.")


def test_a_wrong_value_is_a_defect_of_the_plugin(site: PluginSite) -> None:
    with pytest.raises(PluginError, match="layerwright-acme"):
        carried(site, "wrong")


def test_each_tool_is_downloaded_by_itself_for_the_machine(tmp_path: Path) -> None:
    commands: list[Command] = []

    class Recording(Runner):
        def run(self, command: Command) -> Any:
            commands.append(command)

    tools = (
        CarriedTool("Acme 2.0", ("acme==2.0 --hash=a", "native==1.0 --hash=b")),
        CarriedTool("Other 1.0", ("x",)),
    )
    add_wheels(
        tools,
        tmp_path / "wheels",
        python=Path("/python"),
        machine=ARM,
        environment={"PIP_INDEX_URL": "https://example.com/simple", "PIP_TARGET": "/elsewhere"},
        runner=Recording(env={}),
    )
    first, second = commands
    assert first.words == "pip download --require-hashes Acme 2.0"
    assert (first.stdin, second.stdin) == ("acme==2.0 --hash=a\nnative==1.0 --hash=b\n", "x\n")
    assert {
        f"--dest={tmp_path}/wheels",
        "--platform=manylinux2014_aarch64",
        f"--python-version={PREFERRED_MINOR}",
    } < {*first.argv}
    assert "--no-compile" not in first.argv
    assert (first.env["PIP_INDEX_URL"], first.env["PIP_TARGET"]) == ("https://example.com/simple", None)
    assert first.cwd == tmp_path / "wheels"
    assert first.cwd.is_dir()


def test_a_buildpack_without_tools_has_no_wheels(tmp_path: Path) -> None:
    add_wheels(
        (), tmp_path / "wheels", python=Path("/python"), machine=ARM, environment={}, runner=Runner(env={})
    )
    assert not (tmp_path / "wheels").exists()
