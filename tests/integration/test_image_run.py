"""A whole image, as containers run it, and as tools of others unpack it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tarfile
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from layerwright.cli.main import main
from layerwright.cnb.target import Target
from layerwright.errors import SiteError
from layerwright.files.trees.placed import Moves
from layerwright.image.base.image import no_base
from layerwright.image.compose import ImageRequest
from layerwright.image.launch.proof import prove_start
from layerwright.image.layers.compression import decompressed
from layerwright.image.output.layout import read_layout, write_layout
from layerwright.image.parts import read_parts
from layerwright.image.settings import Choices
from layerwright.local.places import image_layers
from layerwright.process.runner import Runner
from layerwright.testing.machine import interpreters
from layerwright.testing.sandbox import PROGRAM
from tests.fixtures.base_image import write_running_base_image
from tests.fixtures.pages import DOCS, blocks
from tests.fixtures.podman import Podman, why_no_podman
from tests.integration.site import SharedIndex, Site
from tests.lifecycle.conftest import new_place
from tests.unit.image.samples import base, glibc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from layerwright.image.image import Image

pytestmark = pytest.mark.integration

MINOR: Final = "{}.{}".format(*sys.version_info)
OTHER: Final = 12345
"""A user that this machine need not know."""
# The interpreters of the tests may be where only root may look.
AS_OTHER: Final = (
    *("setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups", "--securebits=+no_setuid_fixup"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)

podman_runs = pytest.mark.skipif(bool(why_no_podman()), reason=why_no_podman())

MAIN: Final = """\
import json, os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print(json.dumps({
    "arguments": sys.argv[1:],
    "directory": os.getcwd(),
    "greeting": os.environ.get("GREETING"),
    "mode": os.environ.get("PYTHONUNBUFFERED"),
    "number": os.getpid(),
    "prefix": sys.prefix,
    "user": os.getuid(),
    "writable": [path for path in ("/", ".", sys.prefix, "/tmp") if os.access(path, os.W_OK)],
}), flush=True)
if "stay" in sys.argv:
    time.sleep(600)
"""
PROCFILE: Final = """\
web: python main.py web
worker: python main.py worker
both: true && python main.py $GREETING
"""
VENV: Final = "/layers/layerwright_python/venv"


def furnish(site: Site) -> None:
    """Write the application into *site*."""
    site.furnish()
    for name, content in {"main.py": MAIN, "Procfile": PROCFILE, ".python-version": MINOR}.items():
        site.app.write(name, content)


def write_image(site: Site, base: Path, output: str, **env: str) -> None:
    """Write the image of the application of *site*, on the base in the layout *base*, to *output*."""
    words = ("image", site.app.path, "--base", f"oci:{base}", "--output", output)
    site.layerwright(*words, env=env)


def image_in(layout: Path) -> Image:
    """Return the image in *layout*."""
    image, _ = read_layout(layout, Target.of_this_machine().arch, "linux")
    return image


class Place:
    """An application below *root* with its image in the layout ``image``, whose base runs on this machine."""

    def __init__(self, root: Path, index: SharedIndex) -> None:
        self.root, self.index = root, index
        self.site = Site(root / "site", index)
        furnish(self.site)
        self.base, self.layout = root / "base", root / "image"
        write_running_base_image(self.base, interpreters()[MINOR])
        write_image(self.site, self.base, f"oci:{self.layout}")


@pytest.fixture(scope="module")
def place(_shared_index: SharedIndex) -> Iterator[Place]:
    _shared_index.reset()
    with new_place() as root:
        yield Place(root, _shared_index)


class Engine:
    """Runs *image* in containers of *podman*."""

    def __init__(self, podman: Podman, image: str) -> None:
        self.podman = podman
        self.image = image

    def run(self, *arguments: str, options: Sequence[str] = ()) -> tuple[int, str]:
        """Return the status of a container and what it wrote."""
        process = self.podman.start(self.image, *arguments, options=options)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output.decode()

    def seen(self, *arguments: str, options: Sequence[str] = ()) -> dict[str, Any]:
        """Return what ``MAIN`` sees in a container that ends well."""
        status, output = self.run(*arguments, options=options)
        assert status == 0, output
        seen: dict[str, Any] = json.loads(output)
        return seen


@pytest.fixture(scope="module")
def engine(place: Place) -> Iterator[Engine]:
    with new_place() as root, Podman(root) as podman:
        engine = Engine(podman, podman.pull(place.layout))
        status, output = engine.run("--", "true")
        if status == 125:
            pytest.skip(f"podman starts no container here: {output}")
        yield engine


LIBRARIES: Final = "usr/lib/x86_64-linux-gnu"
C_LIBRARY: Final = f"{LIBRARIES}/libc.so.6"
SHELL: Final[dict[str, bytes | str]] = {"usr/bin/sh": b""}


@pytest.mark.parametrize(
    ("architecture", "files", "reference", "words"),
    [
        ("s390x", {}, "base-architecture", "It is for s390x"),
        ("", {C_LIBRARY: glibc("2.41")}, "base-shell", "the process both is a shell script"),
        ("", {**SHELL, "lib/ld-musl-x86_64.so.1": b""}, "base-musl", "It has musl instead of glibc"),
        ("", {**SHELL, C_LIBRARY: glibc("2.5")}, "base-glibc", "It has glibc 2.5, and python/"),
        ("", {**SHELL, C_LIBRARY: glibc("9.9")}, "base-libraries", "needed by Python"),
    ],
)
def test_a_base_on_which_the_application_cannot_run_is_refused(  # a row has four values
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    architecture: str,
    files: dict[str, bytes | str],
    reference: str,
    words: str,
) -> None:
    platform = {"architecture": architecture or Target.of_this_machine().arch, "os": "linux"}
    write_layout(replace(base(files)[0], platform=platform), tmp_path / "base")
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in place.site.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(place.site.app.path)
    assert main(["image", "--base", f"oci:{tmp_path}/base"]) == 1
    said = "".join(capsys.readouterr())
    assert f"#{reference}\n" in said
    assert words in " ".join(said.split())


def prove(place: Place, layers: Path, root: Path, moves: Moves | None = None) -> str:
    """Return why the image of *layers* cannot be started here; the paths of *moves* are the changed ones."""

    class Moved(ImageRequest):
        @property
        def moves(self) -> Moves:
            return super().moves if moves is None else moves

    parts, app = read_parts(layers, {}), place.site.app.path
    request = Moved(base=no_base(Target.of_this_machine()), parts=parts, tree=app, settings=Choices())
    root.mkdir()
    return prove_start(request, runner=Runner(env={}), temporary=root)


def test_the_interpreter_starts_at_its_path_in_the_image_and_nowhere_else(
    place: Place, tmp_path: Path
) -> None:
    layers = image_layers(place.site.app.path, place.site.cache)
    if why_not := prove(place, layers, tmp_path / "right"):
        pytest.skip(f"no mount namespace here: {why_not}")
    # With paths that were not changed.
    with pytest.raises(SiteError, match="not work at its path") as caught:
        prove(place, layers, tmp_path / "unmoved", Moves({"/elsewhere": "/there"}))
    assert "/venv/bin/python" in caught.value.cause
    # With a script that has the path of a layers directory in the image that is another one.
    script = layers / "venv" / "bin" / "lost"
    script.write_text("#!/layers/layerwright_python/gone/bin/python\n")
    try:
        with pytest.raises(SiteError) as caught:
            prove(place, layers, tmp_path / "lost")
    finally:
        script.unlink()
    assert caught.value.cause == (
        "bin/lost needs /layers/layerwright_python/gone/bin/python, which is not there"
    )


@podman_runs
def test_a_container_starts_the_default_process_or_the_type_that_is_named(engine: Engine) -> None:
    default = engine.seen()
    assert default["arguments"] == ["web"]
    # The process itself receives signals, and no shell is in between.
    assert (default["directory"], default["prefix"], default["number"]) == ("/workspace", VENV, 1)
    assert engine.seen("worker") == {**default, "arguments": ["worker"]}
    assert engine.seen(options=["--entrypoint=/cnb/process/worker"]) == {**default, "arguments": ["worker"]}
    assert engine.run("--", "python", "-c", "print(6 * 7)") == (0, "42\n")


@podman_runs
def test_a_variable_of_a_container_is_there_and_replaces_that_of_the_image(engine: Engine) -> None:
    assert engine.seen()["mode"] == "1"
    seen = engine.seen("both", options=["--env=GREETING=hello", "--env=PYTHONUNBUFFERED="])
    assert (seen["greeting"], seen["arguments"], seen["mode"]) == ("hello", ["hello"], "")


@podman_runs
def test_it_runs_as_any_user_with_nothing_to_write_to(engine: Engine) -> None:
    assert engine.seen()["user"] == 1000
    seen = engine.seen("worker", options=["--user=1234:1234", "--read-only", "--cap-drop=all"])
    assert (seen["user"], seen["writable"]) == (1234, ["/tmp"])
    seen = engine.seen(options=["--user=0", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all"])
    assert (seen["user"], seen["writable"]) == (0, [])


@podman_runs
@pytest.mark.parametrize("words", [["web", "stay"], ["both"]])
def test_sigterm_ends_the_process_itself_with_its_own_status(engine: Engine, words: list[str]) -> None:
    process = engine.podman.start(engine.image, *words, options=["--env=GREETING=stay"])
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["number"] == 1
    assert engine.podman.stop() == 7
    process.communicate(timeout=60)
    # ``podman run`` ends with the status of the process, by which systemd knows how it ended.
    assert process.returncode == 7


@podman_runs
def test_the_commands_of_the_service_that_the_documentation_shows_run_it(
    engine: Engine, tmp_path: Path
) -> None:
    unit, _quadlet = blocks(DOCS / "image-server.md", "ini")
    places = {
        "%t": str(tmp_path),
        "/etc/app/env": str(tmp_path / "env"),
        "registry.example.com/team/app:1.2": engine.image,
    }
    (tmp_path / "env").write_text("GREETING=from a file\n")

    def run(key: str, *more: str) -> str:
        [line] = re.findall(rf"^{key}=/usr/bin/podman (.*)$", unit, re.MULTILINE)
        for before, now in places.items():
            line = line.replace(before, now)
        return engine.podman.output(*shlex.split(line), *more)

    run("ExecStart", "stay")
    name = (tmp_path / "app.cid").read_text()
    # Until it has written this, it does not handle the signal.
    while not (said := engine.podman.output("logs", name)):
        time.sleep(0.05)
    seen = json.loads(said)
    assert (seen["arguments"], seen["greeting"]) == (["web", "stay"], "from a file")
    assert (seen["user"], seen["writable"]) == (1000, ["/tmp"])
    run("ExecStop")
    run("ExecStopPost")
    assert engine.podman.output("ps", "--all", "--quiet", f"--filter=id={name}") == ""


@pytest.fixture(scope="module")
def file(place: Place) -> Path:
    """Return the same image in a file, where it is compressed with gzip."""
    write_image(place.site, place.base, str(place.root / "app.tar"))
    return place.root / "app.tar"


@podman_runs
def test_an_engine_loads_the_file_under_the_name_of_the_application(file: Path, engine: Engine) -> None:
    engine.podman.output("load", "--quiet", "--input", str(file))
    loaded = Engine(engine.podman, "docker.io/library/app:latest")
    assert engine.podman.output("image", "inspect", "--format={{.Id}}", loaded.image).strip() == engine.image
    assert loaded.seen("worker")["arguments"] == ["worker"]


class Found(NamedTuple):
    """A file: its kind, permissions and owner, with the digest of its content or its target."""

    kind: str
    mode: int
    owner: tuple[int, int]
    content: str = ""


def members(image: Image) -> dict[str, Found]:
    """Return every member of all layers of *image* but the lowest by its path."""
    found: dict[str, Found] = {}
    for layer in image.layers[1:]:
        with (
            layer.blobs.open(layer.descriptor) as content,
            tarfile.open(fileobj=decompressed(content, layer.descriptor.media_type), mode="r|") as archive,
        ):
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                text = member.linkname if file is None else hashlib.sha256(file.read()).hexdigest()
                kind = "file" if member.isfile() else "link" if member.issym() else "directory"
                owner = (member.uid, member.gid)
                found[member.name.strip("/")] = Found(kind, member.mode, owner, text)
    return found


def unpacked(root: Path, names: Sequence[str]) -> dict[str, Found]:
    """Return everything in the directories *names* of *root*, and these, by its path."""
    paths = [path for name in names for path in (root / name, *(root / name).rglob("*"))]
    found: dict[str, Found] = {}
    for path in paths:
        status = path.lstat()
        mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
        if path.is_symlink():
            one = Found("link", mode, owner, os.fspath(path.readlink()))
        elif path.is_dir():
            one = Found("directory", mode, owner)
        else:
            one = Found("file", mode, owner, hashlib.sha256(path.read_bytes()).hexdigest())
        found[str(path.relative_to(root))] = one
    return found


@pytest.mark.skipif(shutil.which("umoci") is None, reason="needs umoci on PATH")
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_umoci_unpacks_every_file_with_its_mode_and_its_owner(
    place: Place, file: Path, tmp_path: Path
) -> None:
    def umoci(*arguments: str) -> str:
        return subprocess.check_output(
            ["umoci", *arguments], env={"PATH": os.defpath, "HOME": str(tmp_path)}, text=True, timeout=300
        )

    # Its releases do not read zstd.
    layout = tmp_path / "layout"
    layout.mkdir()
    subprocess.check_call(["tar", "--extract", "--file", file, "--directory", layout])
    image = image_in(layout)
    assert [layer.diff_id for layer in image.layers] == [
        layer.diff_id for layer in image_in(place.layout).layers
    ]
    described = json.loads(umoci("stat", "--json", "--image", f"{layout}:latest"))
    layers = [each["layer"]["digest"] for each in described["history"] if each["layer"]]
    assert layers == [layer.descriptor.digest for layer in image.layers]

    umoci("unpack", "--image", f"{layout}:latest", str(tmp_path / "bundle"))
    expected = members(image)
    tops = sorted({name.partition("/")[0] for name in expected})
    assert tops == ["cnb", "layers", "workspace"]
    assert unpacked(tmp_path / "bundle" / "rootfs", tops) == expected
    assert {found.kind for found in expected.values()} == {"file", "link", "directory"}
    owners = {(name.partition("/")[0], found.owner) for name, found in expected.items()}
    assert owners == {("cnb", (0, 0)), ("layers", (1000, 1000)), ("workspace", (1000, 1000))}
    assert not [name for name in expected if "/.wh." in f"/{name}"]
    process = json.loads((tmp_path / "bundle" / "config.json").read_text())["process"]
    assert (process["args"], process["cwd"]) == (["/cnb/start"], "/workspace")
    assert process["user"] == {"uid": 1000, "gid": 1000}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv to become another user")
def test_another_user_elsewhere_with_another_umask_at_another_time_makes_the_same_image(place: Place) -> None:
    root = place.root / "other" / "machine"
    # What is written for a shell has its path in quotes.
    site = Site(root / "A folder", place.index, program=[*AS_OTHER, *PROGRAM])
    furnish(site)
    now = time.time()
    for path in (root, *root.rglob("*")):
        # A checkout has the modes that the umask leaves.
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (now - 86400, now - 86400))
        os.chown(path, OTHER, OTHER)
    before = os.umask(0o077)
    try:
        write_image(site, place.base, f"oci:{root}/image", TZ="Asia/Tokyo", LC_ALL="C")
    finally:
        os.umask(before)
    assert (site.cache / "images").stat().st_uid == OTHER
    made, expected = image_in(root / "image"), image_in(place.layout)
    assert [layer.diff_id for layer in made.layers] == [layer.diff_id for layer in expected.layers]
    assert made.digest == expected.digest
