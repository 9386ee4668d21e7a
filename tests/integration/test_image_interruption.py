"""``layerwright image``, stopped anywhere and by any means, leaves the image before, or none."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import pytest

from layerwright.cnb.target import Target
from layerwright.image.blobs import checked_chunks
from layerwright.image.output.layout import read_layout, write_layout
from tests.fixtures.base_image import write_base_image
from tests.fixtures.registry import FakeRegistry, served_registry
from tests.integration.site import SharedIndex, Site
from tests.unit.image.samples import base

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from layerwright.image.image import Image

pytestmark = pytest.mark.integration

NAME: Final = "team/app"


class Place:
    """An application, whose image is on the base ``base`` below the directory of the site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.base = site.root / "base"
        self.contents = site.cache / "images" / "blobs" / "sha256"
        self.edits = self.makes = 0

    def words(self, *where: str) -> tuple[str, ...]:
        """Return the arguments of a command that writes the image."""
        return ("image", str(self.site.app.path), *where, "--base", f"oci:{self.base}")

    def edit(self) -> None:
        """Change a file of the application."""
        self.edits += 1
        self.site.app.write("data.txt", str(self.edits))

    def make(self, *where: str) -> None:
        """Write the image, with no interruption; nothing temporary is left."""
        self.site.layerwright(*self.words(*where))
        self.makes += 1
        assert hidden(self.contents) == []


@pytest.fixture(scope="module")
def place(_shared_index: SharedIndex, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a place with nothing built, with a base that has all libraries of this machine."""
    _shared_index.reset()
    site = Site(tmp_path_factory.mktemp("image") / "site", _shared_index)
    site.furnish()
    # Nothing is resolved.
    site.app.write("requirements.txt", "\n")
    write_base_image(site.root / "base")
    return Place(site)


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with served_registry() as registry:
        yield registry


def hidden(folder: Path) -> list[str]:
    """Return the names of temporary files in *folder*."""
    return [path.name for path in folder.glob(".*")]


def stop(process: subprocess.Popen[str], number: int) -> None:
    """Send the signal *number*, and expect the end that ``layerwright build`` has."""
    # A terminal signals the whole group, a platform the one process.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    log, _ = process.communicate(timeout=60)
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number), log
    if number != signal.SIGKILL:
        assert "Error: Interrupted.\n" in log, log


def wait_for(found: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until *found* is true; the *process* must not end before."""
    while not found():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.001)


class Blocked:
    """A blob of a layout, in whose middle a reader waits until the end of the block."""

    def __init__(self, layout: Path, digest: str) -> None:
        self._file = layout / "blobs" / "sha256" / digest.partition(":")[2]
        self._content = self._file.read_bytes()
        self._file.unlink()
        os.mkfifo(self._file)
        self._descriptor = -1

    def is_met(self) -> bool:
        """Return whether a reader has the first half."""
        try:
            self._descriptor = os.open(self._file, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            # No reader has it open.
            return False
        os.write(self._descriptor, self._content[: len(self._content) // 2])
        return True

    def end(self) -> None:
        """Make it a file again."""
        os.close(self._descriptor)
        self._file.unlink()
        self._file.write_bytes(self._content)


class Stall:
    """A registry that does not answer the first request of *method* with *part* in its path."""

    def __init__(self, method: str, part: str) -> None:
        self._wanted = (method, part)
        self._met, self._lifted = Event(), Event()

    def __call__(self, handler: Any) -> bool:
        method, part = self._wanted
        if handler.command != method or part not in handler.path or self._met.is_set():
            return False
        self._met.set()
        self._lifted.wait()
        handler.drop()
        return True

    def is_met(self) -> bool:
        """Return whether the request is there."""
        return self._met.is_set()

    def end(self) -> None:
        """Close the connection."""
        self._lifted.set()


def image_in(layout: Path) -> Image:
    """Return the image in *layout*, all of whose contents have their digests."""
    image, _ = read_layout(layout, Target.of_this_machine().arch, "linux")
    for layer in image.layers:
        with layer.blobs.open(layer.descriptor) as content:
            list(checked_chunks(content, layer.descriptor))
    return image


def digests(image: Image) -> list[str]:
    """Return the digests of the layers of *image*."""
    return [layer.descriptor.digest for layer in image.layers]


def tagged(registry: FakeRegistry) -> str:
    """Return the digest of the image with the tag, all of whose contents are there; empty if there is none."""
    if (NAME, "1") not in registry.manifests:
        return ""
    _, content = registry.manifests[NAME, "1"]
    manifest = json.loads(content)
    for descriptor in (manifest["config"], *manifest["layers"]):
        stored = registry.blobs[NAME][descriptor["digest"]]
        assert f"sha256:{hashlib.sha256(stored).hexdigest()}" == descriptor["digest"]
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_stopped_while_layers_are_compressed_it_leaves_nothing_that_the_next_one_keeps(place: Place) -> None:
    process = place.site.start(*place.words())
    wait_for(lambda: hidden(place.contents) != [], process)
    stop(process, signal.SIGKILL)
    assert len(hidden(place.contents)) == 1
    place.make()


@pytest.mark.parametrize(("at", "number"), [(0, signal.SIGINT), (1, signal.SIGKILL)])
def test_stopped_while_a_layout_is_written_it_leaves_the_image_before(
    place: Place, tmp_path: Path, at: int, number: int
) -> None:
    if not place.makes:
        # The base was read, so that only its copy is read now.
        place.make()
    output = tmp_path / "out"
    write_layout(base({"before": b""})[0], output)
    before = image_in(output)
    layers = digests(image_in(place.base))
    blocked = Blocked(place.base, layers[at])
    process = place.site.start(*place.words("--output", f"oci:{output}"))
    wait_for(blocked.is_met, process)
    folder = output / "blobs" / "sha256"
    wait_for(lambda: hidden(folder) != [], process)
    stop(process, number)
    blocked.end()
    assert image_in(output).manifest == before.manifest
    assert len(hidden(folder)) == (1 if number == signal.SIGKILL else 0)
    place.make("--output", f"oci:{output}")
    after = digests(image_in(output))
    assert after[: len(layers)] == layers
    # With the configuration and the manifest.
    assert len(list(folder.iterdir())) == len(after) + 2


@pytest.mark.parametrize(
    ("method", "part", "number", "is_first"),
    [
        ("PATCH", "/blobs/uploads/", signal.SIGINT, True),
        ("PUT", "/blobs/uploads/", signal.SIGKILL, False),
        ("PUT", "/manifests/", signal.SIGKILL, True),
        ("PUT", "/manifests/", signal.SIGINT, False),
    ],
)
def test_stopped_while_it_pushes_it_leaves_the_image_before_or_none(
    place: Place, registry: FakeRegistry, method: str, part: str, number: int, is_first: bool
) -> None:
    push = ("--push", f"{registry.address}/{NAME}:1")
    if not is_first:
        place.make(*push)
    before = tagged(registry)
    assert bool(before) is not is_first
    place.edit()
    stall = Stall(method, part)
    registry.faults.append(stall)
    process = place.site.start(*place.words(*push))
    wait_for(stall.is_met, process)
    stop(process, number)
    stall.end()
    assert tagged(registry) == before
    place.make(*push)
    assert tagged(registry) not in ("", before)
