"""Buildpacks for another machine, of which nothing can be run here, out of an interpreter that is only files."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from layerwright.buildpack.package.assemble import Packaged, PackageRequest, package
from layerwright.buildpack.package.target import machine_of
from layerwright.errors import CommandFailed, UserError
from layerwright.output.log import Log
from layerwright.process.runner import Runner
from layerwright.pythons.provider import minor_of, version_key
from layerwright.pythons.standalone._catalogue import Archive
from layerwright.pythons.standalone.provider import StandaloneProvider
from layerwright.pythons.system.provider import SystemProvider
from layerwright.testing.machine import clean_env, interpreters
from layerwright.testing.tree import difference, tree
from tests.unit.buildpack.package.samples import buildpack_source, install, wheel_of
from tests.unit.pythons.samples import prefix

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.process.command import Command, Completed

FOREIGN = machine_of("linux/arm64" if machine_of("").name == "x86_64" else "linux/amd64")
TARGET = f"{FOREIGN.target.os}/{FOREIGN.target.arch}"


class World:
    """An archive for another machine, wheels for it, installed distributions, and the source of a buildpack."""

    def __init__(self, root: Path, minor: str) -> None:
        self.root = root
        self.minor = minor
        self.source = buildpack_source(root / "source")
        self.site = root / "site"
        self.wheels = root / "wheels"
        self.wheels.mkdir()
        self.runtime = root / "runtime.lock"
        self.stream = io.StringIO()
        tag = f"cp{minor.replace('.', '')}-cp{minor.replace('.', '')}-manylinux_2_17_{FOREIGN.name}"
        self.publish(wheel_of("native", tag=tag))
        install(self.site, wheel_of("layerwright", "0.1.0", requires=["native"]))
        self.acme = install(
            self.site,
            wheel_of("layerwright-acme", plugin=True, files={"acme_early.pth": "import acme\n"}),
        )
        install(self.site, wheel_of("layerwright-other", plugin=True))
        self._archive = self._pack()

    def publish(self, wheel: tuple[str, bytes]) -> None:
        name, data = wheel
        (self.wheels / name).write_bytes(data)
        project, version = name.split("-")[:2]
        with self.runtime.open("a") as lock:
            lock.write(f"{project}=={version} --hash=sha256:{hashlib.sha256(data).hexdigest()}\n")

    def package(self, output: str, runner: Runner | None = None, *, api: str = "") -> Packaged:
        path = os.pathsep.join(str(executable.parent) for executable in interpreters().values())
        environment = {
            **clean_env(self.root),
            "PATH": os.pathsep.join([path, os.environ["PATH"]]),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_TARGET": "/invalid",
        }
        request = PackageRequest(
            environment=environment,
            cache=self.root / "cache",
            source=self.source,
            output=self.root / output if output else None,
            target=TARGET,
            api=api,
            path=(str(self.site),),
            runtime=self.runtime,
            standalone=StandaloneProvider(
                FOREIGN.name, self.root / "downloads", f"file://{self.root}", catalogue=[self._archive]
            ),
        )
        return package(request, Log(self.stream, self.stream), runner or Runner(env=environment))

    def _pack(self) -> Archive:
        tree = prefix(self.root / "prefix", minor=self.minor, configured_for="/a/long/way/to/install")
        name = f"cpython-{self.minor}.1-install_only.tar.gz"
        with tarfile.open(self.root / name, "w:gz") as archive:
            archive.add(tree, "python")
        digest = hashlib.sha256((self.root / name).read_bytes()).hexdigest()
        return Archive(
            version=f"{self.minor}.1", filename=name, url=f"https://example.com/{name}", sha256=digest
        )


def make_world(root: Path) -> World:
    path = ":".join(str(executable.parent) for executable in interpreters().values())
    system = SystemProvider({"PATH": path}, root, root / "cache", Runner(env={}))
    versions = [c.version for c in system.candidates() if version_key(c.version) >= (3, 11)]
    if not versions:
        pytest.skip(f"this machine has no Python that can be copied: {system.looked_in()}")
    return World(root, minor_of(versions[0]))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Packaged]:
    """Package once for the tests that only look."""
    world = make_world(tmp_path_factory.mktemp("world"))
    return world, world.package("out")


# They make interpreters' copies and run pip, in this process and out of it.
pytestmark = pytest.mark.integration


def described(buildpack: Path) -> Any:
    return tomllib.loads((buildpack / "buildpack.toml").read_text())


def test_a_buildpack_for_another_machine_has_all_that_it_needs_there(made: tuple[World, Packaged]) -> None:
    world, packaged = made
    library = packaged.path / "python" / "lib" / f"python{world.minor}"
    site = library / "site-packages"

    assert sorted(path.name for path in packaged.path.iterdir()) == [
        "bin",
        "buildpack.py",
        "buildpack.toml",
        "python",
    ]
    assert {path.name for path in site.iterdir()} == {
        "layerwright",
        "layerwright-0.1.0.dist-info",
        "layerwright_acme",
        "layerwright_acme-1.0.dist-info",
        "native",
        "native-1.0.dist-info",
    }
    assert not (library / "ensurepip").exists()
    assert (packaged.path / "python" / "bin" / "python3").readlink() == Path(f"python{world.minor}")
    assert [(target["os"], target["arch"]) for target in described(packaged.path)["targets"]] == [
        (FOREIGN.target.os, FOREIGN.target.arch)
    ]
    log = world.stream.getvalue()
    assert "acme_early.pth" in log
    assert "Installed here but not part of this buildpack: layerwright-other 1.0." in log
    assert f"this machine cannot run programs for {TARGET}" in log
    assert packaged.digest == ""


def test_its_scripts_start_its_own_interpreter_isolated(made: tuple[World, Packaged]) -> None:
    _, packaged = made
    for phase in ("detect", "build"):
        script = packaged.path / "bin" / phase
        start = 'exec "${0%/*}/../python/bin/python3" -I "${0%/*}/../buildpack.py" ' + phase
        assert script.read_text().splitlines()[-1] == start
        assert os.access(script, os.X_OK)


def test_its_bytecode_is_unchecked_and_says_nothing_of_this_machine(made: tuple[World, Packaged]) -> None:
    world, packaged = made
    compiled = list(packaged.path.rglob("*.pyc"))
    sources = list((packaged.path / "python").rglob("*.py"))
    assert len(compiled) == len(sources) > 3
    for path in compiled:
        content = path.read_bytes()
        assert content[4:8] == b"\x01\0\0\0"
        assert str(world.root).encode() not in content
    mentions = [
        p for p in packaged.path.rglob("*") if p.is_file() and str(world.root).encode() in p.read_bytes()
    ]
    assert mentions == []


def test_equal_inputs_give_equal_bytes_in_any_place(world: World) -> None:
    first, second = world.package("1.cnb"), world.package("deeper/2.cnb")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.digest == second.digest


def test_without_an_output_the_file_is_named_after_the_buildpack(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.root)
    packaged = world.package("")
    assert packaged.path == world.root / f"acme_python-1.2.3-{TARGET.replace('/', '-')}.cnb"


def test_packaging_again_replaces_what_was_packaged(world: World) -> None:
    first = described(world.package("out").path)
    (world.source / "more.txt").touch()
    packaged = world.package("out", api="0.12")
    assert (packaged.path / "more.txt").exists()
    apis = first["api"], described(packaged.path)["api"]
    assert apis == ("0.10", "0.12")
    assert [path.name for path in world.root.iterdir() if path.name.startswith(".layerwright")] == []


class Interrupting(Runner):
    """A runner in which Ctrl-C is pressed when it compiles bytecode."""

    @override
    def run(self, command: Command) -> None:
        if "bytecode" in command.words:
            raise KeyboardInterrupt
        super().run(command)

    @override
    def within(self, env: object) -> Runner:
        return self

    @override
    def try_run(self, command: Command) -> Completed:
        return Runner(env={}).try_run(command)


@pytest.mark.parametrize("output", ["out", "x.cnb"])
def test_interrupted_it_leaves_the_old_one_and_nothing_else(world: World, output: str) -> None:
    old = world.package(output)
    before = tree(world.root)
    (world.source / "more.txt").touch()
    with pytest.raises(KeyboardInterrupt):
        world.package(output, Interrupting(env=clean_env(world.root)))
    changes = difference(before, tree(world.root)).splitlines()
    assert changes == ["+ source/more.txt (file)"]
    assert old.path.exists()


def test_what_is_not_ours_stays_and_nothing_is_begun(world: World) -> None:
    (world.root / "out").mkdir()
    (world.root / "out" / "thesis.txt").touch()
    with pytest.raises(UserError) as raised:
        world.package("out")
    assert raised.value.reference == "output-not-ours"


def refuse_hash(world: World) -> None:
    world.runtime.write_text(f"native==1.0 --hash=sha256:{'0' * 64}\n")


def refuse_absence(world: World) -> None:
    next(world.wheels.iterdir()).unlink()


@pytest.mark.parametrize(
    ("spoil", "reference"), [(refuse_hash, "hash-mismatch"), (refuse_absence, "no-such-distribution")]
)
def test_what_is_missing_or_has_another_hash_is_not_installed(
    world: World, spoil: Callable[[World], None], reference: str
) -> None:
    spoil(world)
    with pytest.raises(CommandFailed) as raised:
        world.package("out")
    assert raised.value.reference == reference
    assert not (world.root / "out").exists()


def test_an_unlocked_requirement_of_a_locked_distribution_is_reported(world: World) -> None:
    world.publish(wheel_of("other", requires=["missing>=1"]))
    with pytest.raises(UserError) as raised:
        world.package("out")
    assert raised.value.cause == "other 1.0 requires missing>=1, which is not locked."


def test_a_locked_distribution_that_is_no_plugin_is_reported(world: World) -> None:
    world.publish(wheel_of("layerwright-acme", "2.0"))
    with pytest.raises(UserError) as raised:
        world.package("out")
    assert raised.value.reference == "unknown-plugin"


def test_a_plugin_that_is_compiled_for_this_machine_is_reported(world: World) -> None:
    wheel = world.acme / "WHEEL"
    record = world.acme / "RECORD"
    wheel.write_text(wheel.read_text().replace("py3-none-any", "cp311-cp311-linux_x86_64"))
    record.write_text(
        "".join(
            f"{line}\n" if "WHEEL" not in line else f"{world.acme.name}/WHEEL,,\n"
            for line in record.read_text().splitlines()
        )
    )
    with pytest.raises(UserError) as raised:
        world.package("out")
    assert raised.value.reference == "plugin-compiled"
    assert "layerwright-acme 1.0" in raised.value.summary
