"""The ready-made buildpack, packaged by the command line for this machine, and started as a platform starts it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cnb.package.buildpackage import path_in_image
from layerwright.cnb.package.descriptor import Descriptor
from layerwright.process.runner import Runner
from layerwright.pythons.provider import version_key
from layerwright.pythons.system.provider import SystemProvider
from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import clean_env, hostile_env, interpreters
from layerwright.testing.tree import difference, tree
from tests.fixtures.plugins import providing
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse
from tests.unit.buildpack.package.samples import buildpack_source, install, wheel_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = [pytest.mark.integration, pytest.mark.measured]

_MOST_BYTES = 60_000_000


@dataclass(frozen=True)
class Made:
    """The buildpack as a directory and, made in another place, as a file; and what was said of each."""

    directory: Path
    file: Path
    logs: tuple[str, str]

    def start(self, phase: str, app: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Start a phase as a platform does."""
        return subprocess.run(
            [self.directory / "bin" / phase],
            cwd=app,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


CONSUMER = "import acme_client\n" + providing("acme", evidence="acme.lock")


def package(root: Path, *arguments: str | Path, env: Mapping[str, str], status: int = 0) -> str:
    root.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "layerwright.cli", "package", *map(str, arguments)],
        cwd=root,
        env={**clean_env(root), **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    wheels = tool_wheelhouse("buildpack")
    complete = [is_complete(tool_wheelhouse(name), TOOL_LOCKS[name]) for name in ("buildpack", "uv")]
    if not all(complete):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    path = os.pathsep.join(str(executable.parent) for executable in interpreters().values())
    place = tmp_path_factory.mktemp("cache")
    system = SystemProvider({"PATH": path}, place, place, Runner(env={}))
    if not any(version_key(one.version) >= (3, 11) for one in system.candidates()):
        pytest.skip(f"this machine has no Python that the buildpack could bring: {system.looked_in()}")
    with PackageIndex() as index:
        index.add_directory(wheels)
        index.add_directory(wheelhouse())
        index.add_directory(tool_wheelhouse("uv"))
        yield {
            **index.pip_env(),
            "LAYERWRIGHT_CACHE_DIR": str(place),
            "LAYERWRIGHT_PYTHON_PROVIDER": "system",
            "PATH": os.pathsep.join([path, os.environ["PATH"]]),
            "PYTHONPATH": "/invalid",
            "PIP_TARGET": "/invalid",
        }


@pytest.fixture(scope="module")
def made(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Made:
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other") / "deeper"
    first = package(one, "--output", "buildpack", env=environment)
    second = package(other, "--output", "buildpack.cnb", env=environment)
    return Made(one / "buildpack", other / "buildpack.cnb", (first, second))


@pytest.fixture
def application(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    app.mkdir()
    (app / "requirements.txt").touch()
    return app


def platform_variables(buildpack: Path, root: Path) -> dict[str, str]:
    for name in ("layers", "platform/env"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "plan.toml").touch()
    return {
        "CNB_BUILDPACK_DIR": str(buildpack),
        "CNB_BUILD_PLAN_PATH": str(root / "plan.toml"),
        "CNB_PLATFORM_DIR": str(root / "platform"),
        "CNB_TARGET_ARCH": "amd64",
        "CNB_TARGET_OS": "linux",
    }


def image(file: Path) -> tuple[dict[str, Any], bytes]:
    """Return the configuration and the layer of the image in *file*, each found by its digest."""
    with tarfile.open(file, "r:") as archive:
        blobs = {m.name.lstrip("/"): archive.extractfile(m) for m in archive if m.isfile()}
        contents = {name: content.read() for name, content in blobs.items() if content is not None}

    def blob(descriptor: Mapping[str, Any]) -> bytes:
        content = contents["blobs/" + descriptor["digest"].replace(":", "/")]
        assert hashlib.sha256(content).hexdigest() == descriptor["digest"].removeprefix("sha256:")
        return content

    manifest = json.loads(blob(json.loads(contents["index.json"])["manifests"][0]))
    return json.loads(blob(manifest["config"])), blob(manifest["layers"][0])


def test_the_file_holds_the_directory_to_the_byte_wherever_each_was_made(made: Made, tmp_path: Path) -> None:
    config, layer = image(made.file)
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        archive.extractall(tmp_path, filter="tar")
    described = tomllib.loads((made.directory / "buildpack.toml").read_text())
    descriptor = Descriptor(id=described["buildpack"]["id"], version=described["buildpack"]["version"])

    assert difference(tree(made.directory), tree(tmp_path / path_in_image(descriptor)[1:])) == ""
    assert config["architecture"] == described["targets"][0]["arch"]


def test_it_is_small_enough_to_be_pulled_for_every_build(made: Made) -> None:
    assert made.file.stat().st_size < _MOST_BYTES


def test_the_log_says_what_was_made_and_how_to_use_it(made: Made) -> None:
    log = made.logs[1]
    assert "Packaging layerwright/python" in log
    assert "Package managers: pdm, pip, pipenv, poetry, uv" in log
    assert "layerwright-frameworks 0.1.0, " in log
    assert "\n  sha256:" in log
    assert log.rstrip().endswith(f"Use it: pack build IMAGE --builder BUILDER --buildpack {made.file}")
    assert "sha256:" not in made.logs[0]


def test_nothing_runs_at_the_start_of_its_interpreter_but_python(made: Made) -> None:
    python = made.directory / "python" / "bin" / "python3"
    script = "import sys; print(*sys.path, *sorted(m for m in sys.modules if '.' not in m), sep='\\n')"
    seen = subprocess.check_output([python, "-I", "-c", script], env=hostile_env(), text=True).split()
    assert all(entry.startswith(str(made.directory)) for entry in seen if entry.startswith("/"))
    assert "sitecustomize" not in seen
    assert list(made.directory.rglob("*.pth")) == []


def test_it_finds_the_wheels_of_the_default_tools_in_itself(made: Made) -> None:
    script = (
        "from layerwright.build.wheels.install import SHELF; print(*(path.name for path in SHELF.iterdir()))"
    )
    python = made.directory / "python" / "bin" / "python3"
    found = subprocess.check_output([python, "-I", "-c", script], text=True).split()
    assert sorted(name.split("-")[0] for name in found) == ["pip", "uv"]
    assert "Wheels of pip 26.3, uv 0.13.9: " in made.logs[0]


def test_no_file_of_it_mentions_this_machine(made: Made) -> None:
    root = Path(__file__).parents[2]
    secrets = [os.fsencode(path) for path in (made.directory, made.file.parent, root)]
    files = [path for path in made.directory.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []


def test_the_detect_phase_passes_for_a_python_application_under_hostile_variables(
    made: Made, application: Path, tmp_path: Path
) -> None:
    env = {**hostile_env(), **platform_variables(made.directory, tmp_path)}
    done = made.start("detect", application, env)
    assert done.returncode == 0, done.stdout + done.stderr
    plan = tomllib.loads((tmp_path / "plan.toml").read_text())
    assert {entry["name"] for entry in plan["provides"]} == {"python", "pip", "venv"}
    assert [path.name for path in application.iterdir()] == ["requirements.txt"]


def test_the_detect_phase_fails_for_what_is_none(made: Made, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = made.start("detect", tmp_path / "empty", platform_variables(made.directory, tmp_path))
    assert done.returncode == 100, done.stdout + done.stderr


def test_an_application_has_the_same_processes_here_and_in_its_image(
    made: Made, environment: dict[str, str], application: Path, tmp_path: Path
) -> None:
    (application / "requirements.txt").write_text("flask\ngunicorn\n")
    (application / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n")
    variables = {**clean_env(tmp_path / "home"), **environment}
    del variables["PYTHONPATH"], variables["PIP_TARGET"]
    layers = {"CNB_LAYERS_DIR": str(tmp_path / "layers"), "CNB_BP_PLAN_PATH": str(tmp_path / "plan.toml")}
    platform = {**variables, **platform_variables(made.directory, tmp_path), **layers}
    there = made.start("build", application, platform)
    assert there.returncode == 0, there.stdout + there.stderr
    here = subprocess.check_output(
        [sys.executable, "-m", "layerwright.cli", "build", "--layers", tmp_path / "here", application],
        env=variables,
        text=True,
    )

    launch = tomllib.loads((tmp_path / "layers" / "launch.toml").read_text())
    assert [process["type"] for process in launch["processes"]] == ["web"]
    assert launch == tomllib.loads((tmp_path / "here" / "launch.toml").read_text())
    processes = there.stdout.partition("\nProcesses\n")[2]
    assert "layerwright-frameworks" in processes
    assert processes.strip().splitlines()[0] in here


@pytest.mark.parametrize("phase", ["detect", "build"])
def test_without_a_platform_it_says_so(made: Made, application: Path, phase: str) -> None:
    done = made.start(phase, application, {})
    assert done.returncode == 1
    assert "CNB_" in done.stdout + done.stderr


def test_skopeo_accepts_the_file(made: Made, tmp_path: Path) -> None:
    skopeo = shutil.which("skopeo")
    if skopeo is None:
        pytest.skip("there is no skopeo on PATH")

    def run(*arguments: str) -> str:
        return subprocess.check_output([skopeo, *arguments], text=True)  # type: ignore[list-item]

    inspected = json.loads(run("inspect", f"oci-archive:{made.file}"))
    run("copy", "--insecure-policy", f"oci-archive:{made.file}", f"oci:{tmp_path}/copy:latest")

    [copied] = json.loads((tmp_path / "copy" / "index.json").read_text())["manifests"]
    assert inspected["Digest"] == copied["digest"]
    assert inspected["Digest"] in made.logs[1]
    assert "io.buildpacks.buildpack.layers" in inspected["Labels"]


def test_a_plugin_of_someone_else_comes_along_with_what_it_needs_locked(
    environment: dict[str, str], tmp_path: Path
) -> None:
    plugin = wheel_of(
        "layerwright-acme",
        requires=["layerwright", "acme-client>=1"],
        plugin=True,
        files={"layerwright_acme/__init__.py": CONSUMER},
    )
    install(tmp_path / "site", plugin)
    client = wheel("acme-client", "1.0")
    (tmp_path / "wheels").mkdir()
    client.save(tmp_path / "wheels")
    lock = tmp_path / "acme.txt"
    lock.write_text(f"acme-client==1.0 --hash=sha256:{client.sha256}\n")
    env = {**environment, "PYTHONPATH": str(tmp_path / "site"), "PIP_FIND_LINKS": str(tmp_path / "wheels")}
    source = buildpack_source(tmp_path / "acme")

    said = package(tmp_path, source, "--output", "out", env=env, status=1)
    assert "layerwright-acme 1.0 requires acme-client>=1, which is not locked." in said
    said = package(tmp_path, source, "--output", "out", "--requirements", lock, env=env)

    assert "Package managers: acme" in said
    assert "Packaging acme/python 1.2.3" in said


def test_an_unknown_plugin_is_refused_before_anything_is_made(
    environment: dict[str, str], tmp_path: Path
) -> None:
    said = package(
        tmp_path / "here", "--plugin", "layerwright-nowhere", "--output", "out", env=environment, status=1
    )
    assert "There is no plugin layerwright-nowhere." in said
    assert "layerwright-pip" in said
    assert list((tmp_path / "here").iterdir()) == []


def test_an_index_that_cannot_be_reached_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    offline = {**environment, "PIP_INDEX_URL": "http://127.0.0.1:9/simple/", "PIP_RETRIES": "0"}
    said = package(tmp_path / "here", "--output", "out", env=offline, status=75)
    assert "/errors.html#index-unreachable" in said
    assert not (tmp_path / "here" / "out").exists()
