"""A build through a lifecycle: what that is given, and what becomes of how it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tomllib
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from layerwright.buildpack.lifecycle import ImageRequest, build_image
from layerwright.cli.parser import parse
from layerwright.cnb.package.oci_layout import read_image, write_base_image
from layerwright.cnb.target import Target
from layerwright.errors import CommandFailed, UserError
from layerwright.output.log import Log
from tests.fixtures.lifecycle import write_lifecycle

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.cnb.package.oci_layout import LayoutImage

TARGET = Target(os="linux", arch="arm64", distro_name="debian", distro_version="13")


class Image:
    """Builds the image of the application in ``app`` below *root*."""

    def __init__(self, root: Path) -> None:
        self.root, self.app, self.place = root, root / "My App", root / "place"
        self.work = self.place / ".layerwright" / "lifecycle"
        self.app.mkdir()
        (self.app / "requirements.txt").touch()
        self.lifecycle = write_lifecycle(root / "lifecycle")
        self.log = ""
        self.clean = False

    def build(
        self, *, run_image: Path | None = None, exec_env: str = "", **environment: str
    ) -> tuple[Path, LayoutImage]:
        stream = io.StringIO()
        request = ImageRequest(
            application=self.app,
            lifecycle=self.lifecycle,
            place=self.place,
            environment={"PATH": os.defpath, **environment},
            run_image=run_image,
            exec_env=exec_env,
            clean=self.clean,
        )
        try:
            return build_image(request, Log(stream, stream))
        finally:
            self.log = stream.getvalue()

    def given(self, name: str) -> list[str]:
        return (self.work / name).read_text().splitlines()


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path)


def test_the_image_is_left_in_a_directory_named_after_the_application(image: Image) -> None:
    path, found = image.build()
    assert path == image.place / "image" / "localhost" / "my-app" / "latest"
    assert found == read_image(path)
    assert image.log == "Lifecycle\n  $ creator -layout localhost/my-app:latest\n    as creator\n"


def test_what_has_no_name_that_a_registry_allows_has_another(image: Image) -> None:
    image.app = image.app.rename(image.root / "приложение")
    assert image.build()[0].parent.name == "app"


def test_a_copy_of_the_application_is_built_because_its_owner_is_changed(image: Image) -> None:
    (image.app / "link").symlink_to("nowhere")
    image.build()
    assert f"-app={image.work / 'application'}" in image.given("arguments")
    assert (image.work / "given" / "application" / "link").is_symlink()
    (image.app / "link").unlink()
    image.build()
    assert not os.path.lexists(image.work / "given" / "application" / "link")


def test_the_buildpack_is_the_ready_made_one_run_by_this_interpreter(image: Image) -> None:
    image.build()
    [buildpack] = (image.work / "given" / "buildpacks" / "layerwright_python").iterdir()
    descriptor = tomllib.loads((buildpack / "buildpack.toml").read_text())
    assert (descriptor["api"], descriptor["buildpack"]["id"]) == ("0.10", "layerwright/python")
    assert descriptor["buildpack"]["clear-env"] is True
    [group] = tomllib.loads((image.work / "order.toml").read_text())["order"]
    assert group == {"group": [{"id": "layerwright/python", "version": buildpack.name}]}
    (image.root / "plan.toml").touch()
    variables = {
        "CNB_BUILDPACK_DIR": str(buildpack),
        "CNB_PLATFORM_DIR": str(image.work / "given" / "platform"),
        "CNB_BUILD_PLAN_PATH": str(image.root / "plan.toml"),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "amd64",
    }
    detected = subprocess.run(
        [buildpack / "bin" / "detect"], cwd=image.app, env=variables, check=True, stdout=-1
    )
    assert detected.stdout == b"pip, because requirements.txt exists\n"


def test_variables_of_tools_reach_the_build_and_those_of_the_shell_do_not(image: Image) -> None:
    image.build(
        LAYERWRIGHT_PYTHON_VERSION="3.13",
        LAYERWRIGHT_CACHE_DIR="/cache",
        LAYERWRIGHT_DISABLE_PLUGINS="uv",
        PIP_INDEX_URL="https://example.com/simple",
        SSL_CERT_FILE="/certificates.pem",
        PYTHONPATH="/elsewhere",
        CNB_PLATFORM_API="0.3",
        EDITOR="ed",
    )
    env = image.work / "given" / "platform" / "env"
    assert {file.name: file.read_text() for file in env.iterdir()} == {
        "LAYERWRIGHT_DISABLE_PLUGINS": "uv",
        "LAYERWRIGHT_PYTHON_VERSION": "3.13",
        "PIP_INDEX_URL": "https://example.com/simple",
        "SSL_CERT_FILE": "/certificates.pem",
    }
    assert image.given("variables") == [
        "CNB_EXPERIMENTAL_MODE=warn",
        "CNB_PLATFORM_API=0.12",
        "PIP_INDEX_URL=https://example.com/simple",
    ]


def test_an_execution_environment_needs_the_newest_interfaces(image: Image) -> None:
    image.build(exec_env="test")
    assert {"CNB_EXEC_ENV=test", "CNB_PLATFORM_API=0.15"} < set(image.given("variables"))
    [descriptor] = image.work.glob("given/buildpacks/*/*/buildpack.toml")
    assert tomllib.loads(descriptor.read_text())["api"] == "0.12"


def test_a_failure_says_what_its_status_means_and_leaves_the_last_image(image: Image) -> None:
    path, before = image.build()
    (image.app / "fail").touch()
    with pytest.raises(CommandFailed, match="did not create an image") as raised:
        image.build()
    assert (
        raised.value.cause == "It ended with status 51: the build phase of a buildpack ended with an error."
    )
    assert read_image(path) == before


@pytest.mark.parametrize(("status", "ours"), [(1, 1), (75, 75)])
def test_a_failure_of_the_buildpack_that_may_pass_has_the_status_for_that(
    image: Image, status: int, ours: int
) -> None:
    (image.app / "fail").write_text(f"ERROR: failed to build: exit status {status}\n")
    with pytest.raises(CommandFailed) as raised:
        image.build()
    assert (raised.value.reference, raised.value.exit_status) == ("lifecycle-failed", ours)


def test_nothing_that_may_be_secret_stays(image: Image) -> None:
    for fails in (False, True):
        if fails:
            (image.app / "fail").touch()
        with pytest.raises(CommandFailed) if fails else nullcontext():
            image.build(PIP_EXTRA_INDEX_URL="https://me:secret@example.com/simple")
        assert not {"platform", "application", "buildpacks", "layers"} & {
            p.name for p in image.work.iterdir()
        }


def test_what_is_built_in_the_application_does_not_get_into_the_image(image: Image) -> None:
    image.place = image.app / "image"
    image.work = image.place / ".layerwright" / "lifecycle"
    for _ in range(2):
        image.build()
        assert [path.name for path in (image.work / "given" / "application").iterdir()] == [
            "requirements.txt"
        ]


def test_a_clean_build_uses_nothing_of_the_last_and_loses_nothing_before_it_succeeds(image: Image) -> None:
    path, before = image.build()
    image.clean = True
    (image.app / "fail").touch()
    with pytest.raises(CommandFailed):
        image.build()
    assert "-skip-restore" in image.given("arguments")
    assert read_image(path) == before


@pytest.mark.parametrize("program", ["lifecycle", "launcher"])
def test_a_directory_without_a_lifecycle_is_named(image: Image, program: str) -> None:
    (image.lifecycle / program).chmod(0o644)
    with pytest.raises(UserError, match="There is no lifecycle in") as raised:
        image.build()
    assert raised.value.cause == f"{image.lifecycle / program} is not an executable file."
    assert not image.place.exists()


# Images


def test_the_run_image_is_the_one_that_is_named_else_an_empty_one(image: Image, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    write_base_image(tmp_path / "base", TARGET)
    _, own = image.build(run_image=tmp_path / "base")
    assert own == read_image(tmp_path / "base")
    path, empty = image.build()
    assert own.digest != empty.digest
    [layer] = empty.layers
    assert (layer.made_by, layer.size) == (
        "layerwright",
        (path / "blobs" / layer.digest.replace(":", "/")).stat().st_size,
    )


def test_an_image_need_not_say_how_it_was_made(image: Image, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    write_base_image(base, TARGET)
    index = json.loads((base / "index.json").read_text())
    manifest = read_blob(base, index["manifests"][0]["digest"])
    config = base / "blobs" / manifest["config"]["digest"].replace(":", "/")
    document = json.loads(config.read_text())
    del document["history"]
    config.write_text(json.dumps(document))
    assert [layer.made_by for layer in image.build(run_image=base)[1].layers] == [""]


def test_the_last_run_image_can_be_named_again(image: Image) -> None:
    image.build()
    last = image.place / "image" / "localhost" / "run" / "base"
    before = read_image(last)
    assert image.build(run_image=last)[1] == before == read_image(last)


def test_the_empty_run_image_says_what_it_is_for(tmp_path: Path) -> None:
    write_base_image(tmp_path, TARGET)
    index = json.loads((tmp_path / "index.json").read_text())
    manifest = read_blob(tmp_path, index["manifests"][0]["digest"])
    config = read_blob(tmp_path, manifest["config"]["digest"])
    assert (config["os"], config["architecture"]) == ("linux", "arm64")
    assert config["config"]["Labels"] == {
        "io.buildpacks.base.distro.name": "debian",
        "io.buildpacks.base.distro.version": "13",
    }


def read_blob(path: Path, digest: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((path / "blobs" / digest.replace(":", "/")).read_text())
    return found


@pytest.mark.parametrize(
    "damage", [None, "{", '{"manifests": []}', '{"manifests": [{"digest": "sha256:00"}]}']
)
def test_what_is_no_image_is_refused(image: Image, tmp_path: Path, damage: str | None) -> None:
    (tmp_path / "base").mkdir()
    if damage is not None:
        (tmp_path / "base" / "index.json").write_text(damage)
    with pytest.raises(UserError, match="cannot be used as the run image") as raised:
        image.build(run_image=tmp_path / "base")
    assert raised.value.reference == "no-run-image"


def test_the_image_of_a_directory_in_the_tree_is_named_after_it_and_has_the_whole_tree(
    tmp_path: Path,
) -> None:
    image = Image(tmp_path)
    (image.app / "api").mkdir()
    (image.app / "lib.py").touch()
    options = ["--lifecycle", str(image.lifecycle), "--layers", str(image.place)]
    given = image.work / "given"
    (image.app / "hello.py").touch()
    for place, chosen, name in (
        (image.app, ["--app", "api"], "api"),
        (image.app, [], "my-app"),
        (image.app / "hello.py", [], "hello"),
    ):
        arguments = parse(["build", str(place), *options, *chosen])
        stream = io.StringIO()
        assert arguments.run(arguments, Log(stream, stream), {"PATH": os.defpath}) == 0
        assert f"localhost/{name}/latest" in stream.getvalue()
        assert (given / "application" / "lib.py").exists()
        variables = {file.name: file.read_text() for file in (given / "platform" / "env").iterdir()}
        wanted = {"api": {"LAYERWRIGHT_APP_DIR": "api"}, "hello": {"LAYERWRIGHT_SCRIPT": "hello.py"}}
        assert variables == wanted.get(name, {})
