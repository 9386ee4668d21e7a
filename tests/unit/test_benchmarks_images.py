"""The benchmarks of images: what is compared in which state, and the words of the aims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.images import IMAGE_SCENARIOS, ImageScenario, ImageSite, measure_images, with_older
from benchmarks.managers import Pip
from layerwright.image.output.layout import read_layout
from layerwright.process.command import Command
from tests.lifecycle.registry import Registry
from tests.unit.test_benchmarks import site_of

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCKED = (
    "a==1 \\\n    --hash=sha256:0\nclick==2 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nclick-repl==1\n"
)
OLDER = "# A comment\nclick==1 \\\n    --hash=sha256:3\n"


class Site(Pip):
    """Takes as many seconds for a command as its first word says; ``done`` has what was done."""

    done: list[str]

    def run(self, commands: Sequence[Command]) -> str:
        self.done += [command.argv[1] for command in commands]
        return ""

    def time(
        self, commands: Sequence[Command], expect: str = "", *, processor: bool = False
    ) -> tuple[float, str]:
        self.run(commands)
        return float(commands[0].argv[0]), expect

    def forget_layers(self, *, downloads: bool) -> None:
        assert downloads
        self.done.append("forget")


class Images(ImageSite):
    """Commands that take known seconds."""

    def image(self) -> list[Command]:
        return [Command(argv=("1.2", "image"), shown="image")]

    def with_lifecycle(self) -> list[Command]:
        return [Command(argv=("6", "lifecycle"), shown="build --lifecycle")]

    def copy(self) -> list[Command]:
        return [Command(argv=("0.4", "copy"), shown="copy")]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = site_of(Site, tmp_path)
    assert isinstance(site, Site)
    site.done = []
    return site


def images(site: Site, tmp_path: Path, lifecycle: Path | None, kind: type[ImageSite] = Images) -> ImageSite:
    registry, other = (Registry(tmp_path, f"127.0.0.1:{port}") for port in (5000, 5001))
    return kind(site, registry, other, lifecycle, tmp_path)


def scenario(name: str) -> ImageScenario:
    [found] = (each for each in IMAGE_SCENARIOS if each.name == name)
    return found


def test_one_requirement_of_a_lock_is_replaced_by_its_older_version() -> None:
    expected = "a==1 \\\n    --hash=sha256:0\nclick==1 \\\n    --hash=sha256:3\nclick-repl==1\n"
    assert with_older(LOCKED, OLDER) == expected


def test_every_cache_is_removed_before_each_first_image(site: Site, tmp_path: Path) -> None:
    results = measure_images(
        scenario("image-first"), images(site, tmp_path, Path("/lifecycle")), 2, processor=False
    )
    assert site.done == ["forget", "image", "copy", "forget", "lifecycle"] * 2
    assert [(result.against, round(result.ratio, 1)) for result in results] == [
        ("copy", 3.0),
        ("build --lifecycle", 0.2),
    ]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("image-no-op", "at most 1 s: missed"),
        ("image-source", "at most 1.5 s: met"),
        ("image-changed", ""),
    ],
)
def test_all_ways_have_an_image_before_a_change_and_the_aim_is_in_seconds(
    site: Site, tmp_path: Path, name: str, note: str
) -> None:
    [result] = measure_images(scenario(name), images(site, tmp_path, None), 1, processor=False)
    assert site.done == ["image", "copy"] * 2
    assert (result.against, result.note, result.ours, result.theirs) == ("copy", note, (1.2,), (0.4,))


def test_the_changes_are_those_of_the_application(site: Site, tmp_path: Path) -> None:
    made = images(site, tmp_path, None)
    made.change_source()
    assert (tmp_path / "app" / "more.py").read_text() == "MORE = 1\n"
    made.forget()
    assert site.done == ["forget"]


def test_the_commands_use_the_base_and_a_repository_for_each_first_image(site: Site, tmp_path: Path) -> None:
    made = images(site, tmp_path, Path("/lifecycle"), ImageSite)
    base, _ = read_layout(tmp_path / "base", "amd64", "linux")
    assert len(base.layers) == 2
    [before] = made.image()
    made.forget()
    [after] = made.image()
    assert f"oci:{tmp_path / 'base'}" in after.argv
    assert "127.0.0.1:5000/app-0:latest" in before.argv
    assert "127.0.0.1:5000/app-1:latest" in after.argv
    [build] = made.with_lifecycle()
    assert {"--lifecycle", "/lifecycle", "--run-image", str(tmp_path / "base")} <= {*build.argv}
