"""What the page on troubleshooting shows is what Layerwright says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.main import main
from layerwright.errors import LayerwrightError
from layerwright.output.log import Log
from layerwright.plugins.api import PLUGIN_API
from layerwright.plugins.declarative.read import read_file
from layerwright.process.command import Command
from layerwright.process.runner import Runner
from tests.fixtures.pages import DOCS, sections
from tests.fixtures.plugins import PluginSite, providing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from layerwright.testing.applications import Application

PAGE = DOCS / "plugins" / "troubleshooting.md"
SECTIONS = sections(PAGE, "###")
MISSPELT = (
    "from layerwright import hookimpl\n\n@hookimpl\ndef layerwright_package_manager():\n    return []\n"
)
PROVIDING = providing("acme", evidence="acme.lock")
RETURNS_NOTHING = PROVIDING.replace("raise NotImplementedError", "return None")
RETURNS_NUMBER = (
    PROVIDING.replace("import Detection", "import Detection, EnvironmentInstall, Locked, ToolLayer")
    .replace("raise NotImplementedError", "return ToolLayer(version='1', inputs={}, install=())", 1)
    .replace(
        "raise NotImplementedError",
        "return EnvironmentInstall(inputs={'groups': 2}, commands=(), sameness=Locked())",
    )
)
PROPOSING = """\
from layerwright import Process, ProposedProcess, hookimpl

@hookimpl
def layerwright_processes(context):
    web = Process(type="web", command=("{name}", "serve"))
    return [ProposedProcess(process=web, because="it can")]
"""
IN_PATH = """\
from layerwright import ContributedLayer, LayerEnv, hookimpl

@hookimpl
def layerwright_layers(context):
    env = LayerEnv().prepend("PATH", str(context.layer / "scripts"))
    return [ContributedLayer(commands=(), env=env)]
"""
DECLARATION = """\
name = "acme"
display-name = "Acme"
detect.file = ["acme.lock"]
tool = { distribution = "acme", version = "2.1" }

[environment]
commands = [["{tool}/bin/acme", "sync", "--into={venb}"]]
"""


class Scene:
    """An application with an ``acme.lock``, and a place for plugins, in which something goes wrong."""

    def __init__(self, app: Application, site: PluginSite, capsys: pytest.CaptureFixture[str]) -> None:
        self.app = app
        self.site = site
        self._capsys = capsys
        app.write("acme.lock", "")

    def says(self, *arguments: str) -> str:
        """Run the command line in the application, and return what it prints, on both streams."""
        main([*arguments, *([] if arguments[0] == "plugins" else [str(self.app.path)])])
        return "\n".join(self._capsys.readouterr())

    def running(self, *argv: str, remedy: str = "") -> str:
        """Run one command as a build does, and return what is printed when it fails."""
        with pytest.raises(LayerwrightError) as caught:
            Runner(env={}).run(
                Command(argv=argv, shown="acme sync", remedy=(remedy,), reference="acme-sync-failed")
            )
        Log(colour=False).error(caught.value)
        return "\n".join(self._capsys.readouterr())

    def acme(
        self,
        source: str = PROVIDING,
        *,
        conclusive: tuple[str, ...] = ("acme.lock",),
        api: str = str(PLUGIN_API),
    ) -> None:
        """Install a plugin for Acme."""
        self.site.install("acme", source, conclusive=conclusive, apis=(api,))


@pytest.fixture
def scene(app: Application, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Scene]:
    with PluginSite(tmp_path / "site") as site:
        yield Scene(app, site, capsys)


def not_installed(scene: Scene) -> str:
    scene.app.write("layerwright.toml", 'package-manager = "acme"\n')
    return scene.says("detect")


def unknown_table(scene: Scene) -> str:
    scene.app.write("requirements.txt", "")
    scene.app.write("layerwright.toml", "[acme]\nlaunch = true\n")
    return scene.says("explain")


def unclaimed(scene: Scene) -> str:
    scene.app.write("tool.py", "")
    scene.acme(conclusive=("Acme.lock",))
    return scene.says("explain")


def no_python(scene: Scene) -> str:
    scene.acme(conclusive=("Acme.toml",))
    return scene.says("explain")


def not_importable(scene: Scene) -> str:
    scene.acme("import acme_internals\n")
    return scene.says("plugins")


def misspelt_hook(scene: Scene) -> str:
    scene.acme(MISSPELT)
    return scene.says("explain")


def unmarked_hook(scene: Scene) -> str:
    scene.acme(PROVIDING.replace("@hookimpl\n", ""))
    return scene.says("plugins")


def other_name(scene: Scene) -> str:
    scene.acme(providing("acme2", evidence="acme.lock"))
    return scene.says("explain")


def raises(scene: Scene) -> str:
    scene.acme()
    return scene.says("explain")


def wrong_value(scene: Scene) -> str:
    scene.acme(RETURNS_NOTHING)
    return scene.says("explain")


def wrong_part(scene: Scene) -> str:
    scene.acme(RETURNS_NUMBER)
    return scene.says("explain")


def invalid_layer(scene: Scene) -> str:
    scene.app.remove("acme.lock")
    scene.app.write("requirements.txt", "")
    scene.site.install("acme", IN_PATH)
    return scene.says("explain")


def other_api(scene: Scene) -> str:
    scene.acme(api="3")
    return scene.says("detect")


def same_name(scene: Scene) -> str:
    scene.acme()
    scene.site.install("other", providing("acme"), version="2.0", plugins={"acme": "layerwright_other"})
    return scene.says("explain")


def two_claims(scene: Scene) -> str:
    scene.acme()
    scene.app.write("requirements.txt", "")
    return scene.says("detect")


def two_proposals(scene: Scene) -> str:
    scene.app.remove("acme.lock")
    scene.app.write("requirements.txt", "")
    for name in ("acme", "other"):
        scene.site.install(name, PROPOSING.format(name=name))
    return scene.says("explain")


def declaration(scene: Scene) -> str:
    file = scene.app.write("package-manager.toml", DECLARATION)
    return "\n".join(read_file(file, shown=str(file)).problems).replace(f"{scene.app.path}/", "")


def command_fails(scene: Scene) -> str:
    remedy = "If acme.lock is out of date, run `acme lock`, and commit it."
    return scene.running("/bin/sh", "-c", "echo out of date; exit 3", remedy=remedy)


def command_not_there(scene: Scene) -> str:
    return scene.running("/layers/tool-acme/bin/acme")


SCENARIOS: dict[str, Callable[[Scene], str]] = {
    "The package manager is not installed": not_installed,
    "The configuration table is unknown": unknown_table,
    "No package manager claims the application": unclaimed,
    "Nothing looks like a Python application": no_python,
    "It cannot be imported": not_importable,
    "A hook is misspelt": misspelt_hook,
    "A hook is not marked": unmarked_hook,
    "The entry point has the wrong name": other_name,
    "It raised an exception": raises,
    "It returned the wrong type": wrong_value,
    "A field of its result has the wrong type": wrong_part,
    "It contributes an invalid layer": invalid_layer,
    "It supports another API": other_api,
    "Two plugins provide the same package manager": same_name,
    "Two package managers claim the application": two_claims,
    "Two plugins propose one process type": two_proposals,
    "Problems with package-manager.toml": declaration,
    "A command of the plugin fails": command_fails,
    "A command cannot be started": command_not_there,
}
NOT_TRIED = {
    # It takes a build in which something goes wrong: tests/integration has several.
    "The virtual environment does not match what was resolved",
    # The message is the tool's.
    "The virtual environment has no pip",
    # There is no message.
    "Every build recreates the virtual environment",
    "The virtual environment is kept after a change",
    "The tool behaves differently at launch",
}


def test_every_message_is_tried() -> None:
    assert SECTIONS.keys() == SCENARIOS.keys() | NOT_TRIED


@pytest.mark.parametrize("symptom", SCENARIOS)
def test_a_message_is_what_is_said_and_leads_to_its_reference(symptom: str, scene: Scene) -> None:
    text = SECTIONS[symptom]
    [shown] = re.findall(r"^```text\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    said = SCENARIOS[symptom](scene)
    assert shown in said
    references = re.findall(r"^  Reference: .+#(.+)$", said, re.MULTILINE)
    assert all(f"(../errors.md#{r})" in text or f"errors.html#{r}\n" in text for r in references)
