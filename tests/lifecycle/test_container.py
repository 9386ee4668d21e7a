"""The Flask example in a container, from the image that our buildpack and the real lifecycle make."""

from __future__ import annotations

import json
import shutil
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import SharedIndex
from tests.lifecycle.conftest import REAL, new_place, why_not_real
from tests.lifecycle.container import BASE_IMAGE, ContainerLifecycle, base_image, why_no_container
from tests.lifecycle.ours import OurSite
from tests.lifecycle.test_buildpack import EXAMPLES, served

if TYPE_CHECKING:
    from collections.abc import Iterator

WHY_NOT = why_not_real() or why_no_container()

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT),
    *([] if BASE_IMAGE else [pytest.mark.network]),
]

PROCESSES = """\
task: python -c "import flask; print('Flask', flask.Flask.__name__)"
shell: echo $GREETING from $(command -v python)
"""


class ContainerSite(OurSite):
    """An application whose processes are started in containers."""

    lifecycle: ContainerLifecycle


@pytest.fixture(scope="module")
def built() -> Iterator[ContainerSite]:
    """Build the Flask example with two processes more."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    assert REAL is not None
    # A container has a /dev/shm of its own, which hides layers there.
    with new_place("/tmp") as place, SharedIndex() as index:
        index.add_directory(wheelhouse())
        lifecycle = ContainerLifecycle(place / "site", REAL, base_image(place))
        with lifecycle.podman:
            site = ContainerSite(lifecycle, index, place)
            shutil.copytree(EXAMPLES / "flask", site.app.path, dirs_exist_ok=True)
            with (site.app.path / "Procfile").open("a") as procfile:
                procfile.write(PROCESSES)
            site.first = site.build()
            if (started := lifecycle.launch(site.first, "", "--", "/bin/true")).status == 125:
                pytest.skip(f"podman starts no container here: {started.output}")
            yield site


@pytest.fixture
def site(built: ContainerSite) -> ContainerSite:
    built.lifecycle.options = ()
    return built


def run(site: ContainerSite, *command: str) -> tuple[int, list[str]]:
    """Run *command* in a container, and return its exit status and the lines that it wrote."""
    launched = site.lifecycle.launch(site.first, "", "--", *command)
    return launched.status, launched.output.splitlines()


def hello(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:
        message: str = json.loads(response.read())["message"]
    return message


def test_the_web_process_answers(site: ContainerSite) -> None:
    with served(site, site.first) as url:
        assert hello(url) == "Hello from a layer"


def test_every_other_process_starts(site: ContainerSite) -> None:
    assert set(site.first.processes) == {"web", "task", "shell"}
    task = site.lifecycle.launch(site.first, "task")
    assert (task.status, task.output) == (0, "Flask Flask\n")
    shell = site.lifecycle.launch(site.first, "shell", env={"GREETING": "Hello"})
    assert (shell.status, shell.output) == (0, f"Hello from {site.layers}/venv/bin/python\n")


def test_nothing_is_imported_from_but_the_standard_library_and_the_virtual_environment(
    site: ContainerSite,
) -> None:
    status, path = run(site, "python", "-c", "import sys; print(*sys.path, sep='\\n')")
    here, *standard, environment = path
    assert (status, here) == (0, "")
    assert all(entry.startswith(f"{site.layers}/python/lib/") for entry in standard)
    assert environment.startswith(f"{site.layers}/venv/lib/")


def test_pip_says_what_to_do_without_it_and_that_is_so(site: ContainerSite) -> None:
    status, (first, *others) = run(site, "pip", "install", "acme")
    said, _, command = first.rpartition(": ")
    assert (status, len(others)) == (1, 2)
    assert said.startswith("pip is a build-time tool of this image.")
    status, lines = run(site, "sh", "-c", f"{command} && pip --version")
    assert status == 0, lines
    assert f" from {site.layers}/venv/lib/" in lines[-1]


def test_it_answers_without_root_and_with_nothing_to_write_to(site: ContainerSite) -> None:
    # Layers are below /tmp here, where podman would put a directory of its own.
    site.lifecycle.options = ("--user=1234", "--read-only", "--read-only-tmpfs=false", "--tmpfs=/var/tmp")
    show = "import os; print(os.getuid(), os.access('.', os.W_OK), os.access('/', os.W_OK))"
    assert run(site, "python", "-c", show) == (0, ["1234 False False"])
    with served(site, site.first) as url:
        assert hello(url) == "Hello from a layer"


def test_a_container_that_is_stopped_ends_by_itself(site: ContainerSite) -> None:
    with served(site, site.first):
        assert site.lifecycle.podman.stop() == 0
