"""The configuration of an image: environment, start, user, labels."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from layerwright.config.reading import ImageSettings
from layerwright.image.base.contents import BaseContents
from layerwright.image.base.image import no_base
from layerwright.image.image import Image
from layerwright.image.launch.labels import BUILD_METADATA, LIFECYCLE_METADATA
from layerwright.image.launch.start import START, start_programs
from layerwright.image.layers.trees import Owner
from layerwright.image.settings import Choices
from tests.unit.image.samples import TARGET, WEB, WORKER, image

if TYPE_CHECKING:
    from pathlib import Path

PLACE = "/layers/layerwright_python"


def based(**config: Any) -> Any:
    base = no_base(TARGET)
    return base._replace(
        image=Image(layers=(), config=config, platform=base.image.platform, created="1980"),
        name="registry.example.com/base:1",
        digest="sha256:" + "0" * 64,
    )


def environment(found: Image) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in found.config["Env"])


def test_the_environment_is_that_of_the_launch_with_the_paths_of_the_image(tmp_path: Path) -> None:
    found = environment(image(tmp_path, base=based(Env=["PATH=/usr/bin", "LANG=C.UTF-8"])))
    assert found == {
        "PATH": f"{PLACE}/venv/bin:{PLACE}/python/bin:/usr/bin",
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": f"{PLACE}/venv/lib",
        "VIRTUAL_ENV": f"{PLACE}/venv",
    }


def test_without_variables_of_a_base_the_path_is_the_usual_one(tmp_path: Path) -> None:
    assert environment(image(tmp_path))["PATH"].endswith(":/usr/sbin:/usr/bin:/sbin:/bin")


def test_layers_that_change_least_come_first(tmp_path: Path) -> None:
    words = [layer.history["created_by"] for layer in image(tmp_path, WEB).layers]
    assert words == [
        "Layer: 'python', Created by buildpack: layerwright/python",
        "Layer: 'venv', Created by buildpack: layerwright/python",
        "Programs that start processes",
        "Application",
    ]


def test_labels_name_processes_and_layers_for_tools_of_buildpacks(tmp_path: Path) -> None:
    found = image(tmp_path, WEB, WORKER, base=based())
    processes = json.loads(found.config["Labels"][BUILD_METADATA])["processes"]
    assert [(one["type"], one["command"], one.get("working-dir")) for one in processes] == [
        ("web", ["serve", "app:main"], None),
        ("worker", ["python", "work.py"], "jobs"),
    ]
    metadata = json.loads(found.config["Labels"][LIFECYCLE_METADATA])
    layers = metadata["buildpacks"][0]["layers"]
    assert {name: layer["sha"] for name, layer in layers.items()} == {
        "python": found.layers[0].diff_id,
        "venv": found.layers[1].diff_id,
    }
    # Digests of paths of this machine are left out.
    assert layers["python"]["data"] == {"inputs": {"Python version": "3.13.0"}}
    assert metadata["app"] == [{"sha": found.layers[3].diff_id}]
    assert metadata["runImage"]["image"] == "registry.example.com/base:1"
    assert found.annotations["org.opencontainers.image.base.name"] == "registry.example.com/base:1"


def test_equal_inputs_give_equal_images_in_two_places(tmp_path: Path) -> None:
    first, second = image(tmp_path / "a", WEB), image(tmp_path / "b" / "c", WEB)
    assert first.manifest == second.manifest


def test_what_the_configuration_chooses_is_in_the_image(tmp_path: Path) -> None:
    settings = ImageSettings(
        user="app",
        owner="5:6",
        ports=("8000", "53/udp"),
        labels=("org.opencontainers.image.source=https://example.com/?a=b",),
        stop_signal="SIGINT",
    )
    choices = Choices.of(settings)
    assert choices.owner == Owner(5, 6)
    config = image(
        tmp_path, settings=choices, base=based(ExposedPorts={"1/tcp": {}}, Labels={"a": "b"})
    ).config
    assert config["User"] == "app"
    assert config["ExposedPorts"] == {"1/tcp": {}, "8000/tcp": {}, "53/udp": {}}
    assert config["StopSignal"] == "SIGINT"
    assert config["Labels"]["org.opencontainers.image.source"] == "https://example.com/?a=b"
    assert config["Labels"]["a"] == "b"


@pytest.mark.parametrize(
    ("user", "expected"), [("", "1000:1000"), ("root", "1000:1000"), ("0:0", "1000:1000"), ("65532", "65532")]
)
def test_the_user_is_that_of_the_base_but_never_root(tmp_path: Path, user: str, expected: str) -> None:
    assert image(tmp_path, base=based(User=user)).config["User"] == expected


def test_the_image_starts_in_the_application_directory(tmp_path: Path) -> None:
    assert image(tmp_path, directory="services/api").config["WorkingDir"] == "/workspace/services/api"


def test_an_image_with_a_shell_starts_with_the_program_that_knows_the_processes(tmp_path: Path) -> None:
    config = image(tmp_path, WEB, base=based(Entrypoint=["x"], Cmd=["y"])).config
    assert config["Entrypoint"] == [START]
    assert "Cmd" not in config


def test_an_image_without_a_shell_starts_the_default_process_itself(tmp_path: Path) -> None:
    config = image(tmp_path, WEB, WORKER, base=based()._replace(contents=BaseContents(shell=False))).config
    assert config["Entrypoint"] == ["serve", "app:main"]
    assert config["Cmd"] == ["--port", "80"]
    assert config["WorkingDir"] == "/workspace"
    assert "MODE=web" in config["Env"]


def test_an_image_without_a_shell_and_without_a_default_process_has_no_entry_point(tmp_path: Path) -> None:
    found = image(tmp_path, WORKER, base=based()._replace(contents=BaseContents(shell=False)))
    assert "Entrypoint" not in found.config
    assert len(found.layers) == 3


OF_WEB: Final = {"MODE": "it's $HOME", "LEVEL": "high"}


class Shell:
    """The programs of an image in a directory, started by a real shell."""

    def __init__(self, root: Path, *processes: Any) -> None:
        self.root = root
        (root / "jobs").mkdir(parents=True)
        for name in ("serve", "python", "sh-command"):
            (root / name).write_text(
                '#!/bin/sh\necho "$(basename "$0") $* in $(basename "$PWD") mode=$MODE"\n'
            )
            (root / name).chmod(0o755)
        texts = start_programs(processes, {"LEVEL": "low"}, {"web": OF_WEB}, str(root))
        for path, text in texts.items():
            file = root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("/cnb/", f"{root}/cnb/"))
            file.chmod(0o755)

    def run(self, *arguments: str, **env: str) -> str:
        done = subprocess.run(
            [self.root / START.lstrip("/"), *arguments],
            env={"PATH": f"{self.root}:/usr/bin:/bin", "LEVEL": "low", **env},
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.status = done.returncode
        return done.stdout.decode().strip()


def test_the_start_program_starts_what_its_arguments_name(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "image", WEB, WORKER)
    assert shell.run() == "serve app:main --port 80 in image mode=it's $HOME"
    assert shell.run("--port", "81") == "serve app:main --port 81 in image mode=it's $HOME"
    assert shell.run("web", "a b") == "serve app:main a b in image mode=it's $HOME"
    assert shell.run("worker", "x") == "python work.py x in jobs mode="
    assert shell.run("--", "sh-command", "web") == "sh-command web in image mode="


def test_a_variable_that_is_given_at_the_start_has_precedence(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "image", WEB)
    (shell.root / "serve").write_text('#!/bin/sh\necho "$MODE $LEVEL"\n')
    assert shell.run() == "it's $HOME high"
    assert shell.run(MODE="mine") == "mine high"
    assert shell.run(MODE="") == "high"
    assert shell.run(LEVEL="none") == "it's $HOME none"


def test_without_a_default_process_arguments_are_a_command_and_nothing_is_an_error(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "image", WORKER)
    assert shell.run("sh-command", "a") == "sh-command a in image mode="
    assert (
        shell.run() == "This image has no default process. Name one of: worker; or run a command: -- COMMAND"
    )
    assert shell.status == 64


def test_without_processes_the_message_says_so(tmp_path: Path) -> None:
    assert "There are none" in Shell(tmp_path / "image").run()
