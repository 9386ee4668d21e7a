from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.wheels.install import install_wheels
from layerwright.contract.wheels import LockedWheels, WheelLayout
from layerwright.errors import CommandFailed
from layerwright.process.command import Command
from layerwright.pythons.interpreter import Interpreter
from layerwright.testing import Artifact, wheel, wheel_contents
from tests.unit.build.wheels.samples import PYTHON, lock, tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.build.wheels.pins import Pin

ACME = wheel("acme", "1.0", entry_points={"serve": "acme:main"})
BASE = wheel("base", "2.0")
NATIVE = Artifact("acme-1.0-py3-none-any.whl", tool(), ACME.metadata)
ENVIRONMENT = LockedWheels(hashed=lock(ACME, BASE), scripts=("serve",))
USER = replace(ENVIRONMENT, layout=WheelLayout.USER)
EXECUTABLES = LockedWheels(hashed=lock(NATIVE), layout=WheelLayout.EXECUTABLES, scripts=("acme", "helper"))


class Place:
    """An empty layer, and the shelf with wheels; ``commands`` are those that were run."""

    def __init__(self, root: Path) -> None:
        self.layer = root / "layer"
        self.shelf = root / "shelf"
        self.commands: list[str] = []
        for directory in (self.layer, self.shelf):
            directory.mkdir()

    def put(self, *artifacts: Artifact) -> None:
        for artifact in artifacts:
            artifact.save(self.shelf)

    def install(
        self, locked: LockedWheels, interpreter: Interpreter = PYTHON, beside: Iterable[str] = ()
    ) -> tuple[str, ...] | None:
        return install_wheels(
            locked, self.layer, interpreter, run=self.run, shelf=self.shelf, beside=list(beside)
        )

    def run(self, command: Command) -> None:
        self.commands.append(command.words)
        Path(command.argv[-1], "bin").mkdir(parents=True, exist_ok=True)

    @property
    def is_empty(self) -> bool:
        return not list(self.layer.iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_tool_with_dependencies_gets_a_virtual_environment(place: Place) -> None:
    place.put(ACME, BASE)
    assert place.install(ENVIRONMENT) == ("acme 1.0", "base 2.0")
    assert place.commands == ["python -m venv"]
    site = PYTHON.site_packages(place.layer / "venv")
    assert (site / "base" / "__init__.py").is_file()
    assert (place.layer / "bin" / "serve").readlink() == Path("../venv/bin/serve")
    assert (place.layer / "bin" / "serve").read_text().startswith(f"#!{place.layer}/venv/bin/python\n")


def test_a_tool_in_its_layer_runs_with_the_interpreter(place: Place) -> None:
    place.put(ACME, BASE)
    assert place.install(USER) == ("acme 1.0", "base 2.0")
    assert place.commands == []
    assert (PYTHON.site_packages(place.layer) / "acme" / "__init__.py").is_file()
    assert (place.layer / "bin" / "serve").read_text().startswith("#!/layers/python/bin/python3.13\n")


def test_of_standalone_executables_nothing_else_is_kept(place: Place) -> None:
    place.put(NATIVE)
    assert place.install(EXECUTABLES) == ("acme 1.0",)
    assert sorted(p.relative_to(place.layer).as_posix() for p in place.layer.rglob("*")) == [
        "bin",
        "bin/acme",
        "bin/helper",
    ]


def test_wheels_that_come_with_the_plugin_are_used(place: Place, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    place.put(BASE)
    ACME.save(tmp_path / "own")
    assert place.install(replace(USER, directories=(tmp_path / "own",))) == ("acme 1.0", "base 2.0")


def test_wheels_of_the_user_are_used(place: Place, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    place.put(BASE)
    ACME.save(tmp_path / "links")
    more = [Path("/nowhere"), tmp_path / "links"]
    found = install_wheels(USER, place.layer, PYTHON, run=place.run, shelf=place.shelf, beside=(), more=more)
    assert found == ("acme 1.0", "base 2.0")


def test_what_is_missing_is_downloaded(place: Place, tmp_path: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def download(missing: Sequence[Pin], directory: Path) -> Command:
        asked.append(tuple(pin.name for pin in missing))
        return Command(argv=("/bin/pip", str(directory)), shown="download")

    def run(command: Command) -> None:
        assert command.words == "download"
        ACME.save(Path(command.argv[-1]))

    place.put(BASE)
    options: dict[str, Any] = {"shelf": place.shelf, "beside": (), "download": download}
    found = install_wheels(USER, place.layer, PYTHON, run=run, **options)
    assert sorted(found or ()) == ["acme 1.0", "base 2.0"]
    assert asked == [("acme",)]
    (tmp_path / "again").mkdir()
    again = install_wheels(
        replace(USER, hashed=lock(BASE), scripts=()), tmp_path / "again", PYTHON, run=run, **options
    )
    assert (again, asked) == (("base 2.0",), [("acme",)])


def test_what_was_downloaded_without_a_command_is_installed(place: Place) -> None:
    place.put(BASE)
    options: dict[str, Any] = {"shelf": place.shelf, "beside": ()}
    found = install_wheels(
        USER,
        place.layer,
        PYTHON,
        run=place.run,
        download=lambda _missing, directory: ACME.save(directory) and None,
        **options,
    )
    assert sorted(found or ()) == ["acme 1.0", "base 2.0"]
    assert place.commands == []


def test_what_cannot_be_downloaded_is_left_to_the_package_manager(place: Place) -> None:
    place.put(BASE)
    nothing = install_wheels(
        USER, place.layer, PYTHON, run=place.run, shelf=place.shelf, beside=(), download=lambda *_: None
    )
    # It has another hash, for example.
    other = install_wheels(
        USER,
        place.layer,
        PYTHON,
        run=lambda _: None,
        shelf=place.shelf,
        beside=(),
        download=lambda *_: Command(argv=("/bin/pip",)),
    )
    assert nothing is other is None
    assert place.is_empty


def test_what_is_installed_beside_layerwright_is_used(place: Place, tmp_path: Path) -> None:
    here = Interpreter(version="{}.{}.{}".format(*sys.version_info), prefix=tmp_path / "python")
    place.put(ACME, BASE)
    assert place.install(USER, here)
    (tmp_path / "other").mkdir()
    beside = Place(tmp_path / "other")
    contents = dict(wheel_contents(path) for path in place.shelf.iterdir())
    locked = replace(USER, contents=contents)
    path = [str(here.site_packages(place.layer))]
    assert beside.install(locked, here, beside=path) == ("acme 1.0", "base 2.0")
    names = [p.relative_to(place.layer) for p in sorted(place.layer.rglob("*")) if p.is_file()]
    assert names == [p.relative_to(beside.layer) for p in sorted(beside.layer.rglob("*")) if p.is_file()]
    for name in names:
        assert (place.layer / name).read_bytes() == (beside.layer / name).read_bytes()


def test_with_one_wheel_missing_nothing_is_installed(place: Place) -> None:
    place.put(ACME)
    assert place.install(ENVIRONMENT) is None
    assert place.is_empty
    assert place.commands == []


def test_a_lock_file_without_all_hashes_is_left_to_the_package_manager(place: Place) -> None:
    place.put(ACME, BASE)
    assert place.install(replace(USER, hashed=f"{USER.hashed}extra==1.0\n")) is None
    assert place.install(replace(USER, hashed="")) is None


@pytest.mark.parametrize(
    "locked", [replace(USER, scripts=("other",)), replace(EXECUTABLES, scripts=("other",))]
)
def test_a_missing_script_leaves_the_layer_empty(place: Place, locked: LockedWheels) -> None:
    place.put(ACME, BASE) if locked.layout is WheelLayout.USER else place.put(NATIVE)
    assert place.install(locked) is None
    assert place.is_empty


def test_something_else_than_a_wheel_leaves_the_layer_empty(place: Place) -> None:
    broken = replace(BASE, data=b"something else")
    place.put(ACME, broken)
    assert place.install(replace(USER, hashed=lock(ACME, broken))) is None
    assert place.is_empty


def test_a_wheel_that_only_a_package_manager_can_install_leaves_the_layer_empty(place: Place) -> None:
    odd = replace(BASE, data=tool(name="base", version="2.0", more={"base-2.0.data/headers/base.h": ""}))
    place.put(ACME, odd)
    assert place.install(replace(USER, hashed=lock(ACME, odd))) is None
    assert place.is_empty


def test_a_full_disk_leaves_the_layer_empty(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    place.put(ACME, BASE)
    monkeypatch.setattr("shutil.copyfileobj", full)
    assert place.install(USER) is None
    assert place.is_empty


def test_the_failure_of_a_command_is_that_of_the_build(place: Place) -> None:
    def fail(command: Command) -> None:
        raise CommandFailed(command.words, cause="", remedy="", reference="venv-failed", returncode=1)

    place.put(ACME, BASE)
    with pytest.raises(CommandFailed):
        install_wheels(ENVIRONMENT, place.layer, PYTHON, run=fail, shelf=place.shelf, beside=())


def test_python_3_8_gets_scripts_from_its_own_pip(place: Place) -> None:
    place.put(ACME, BASE)
    assert place.install(USER, Interpreter(version="3.8.20", prefix=PYTHON.prefix)) is None
