"""What ``layerwright fetch`` does and prints, with builds that take no network."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.fetch.bundle import Bundle, read_bundle
from layerwright.build.fetch.gather import Gathering
from layerwright.build.phase import build
from layerwright.cli.parser import parse
from layerwright.local.fetch import fetch as fetching
from layerwright.local.platform import LocalPlatform
from layerwright.output.log import Log
from tests.unit import small
from tests.unit.build.fetch.gathered import Fetching
from tests.unit.build.fetch.test_gather import ArchivedPython, FromArchives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.build.phase import Built
    from layerwright.build.request import BuildRequest


class Site:
    """An application that the embedded platform would build, with an interpreter that is a script."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.was_cut = root, True
        self.given: dict[str, Any] = {}
        self.fails: BaseException | None = None
        self._request = Fetching(root).request()

        def request(platform: LocalPlatform, **_options: object) -> BuildRequest:
            environment = platform._environment
            self.given["environment"] = environment
            self.given["surroundings"] = platform._surroundings
            return self.request

        def build_small(_platform: LocalPlatform, log: Log, **_options: object) -> Built:
            return build(self.request, log)

        def prove(
            bundle: Bundle, application: Sequence[str], *, environment: Mapping[str, str], **_more: object
        ) -> bool:
            assert read_bundle(bundle.directory) == bundle
            self.given |= {"application": application, "proof": environment}
            if self.fails is not None:
                raise self.fails
            return self.was_cut

        monkeypatch.setattr(LocalPlatform, "request", request)
        monkeypatch.setattr(LocalPlatform, "build", build_small)
        monkeypatch.setattr(fetching, "prove", prove)

    @property
    def request(self) -> BuildRequest:
        return replace(self._request, keeps_downloads=True)

    def fetch(self, *options: str, **environment: str) -> str:
        stream = io.StringIO()
        arguments = parse(["fetch", str(self.root / "app"), "--into", str(self.root / "into"), *options])
        assert arguments.run(arguments, Log(stream, stream), environment) == 0
        return stream.getvalue()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_fetch_prints_what_the_bundle_has(site: Site) -> None:
    said = site.fetch()
    bundle = read_bundle(site.root / "into")
    bundle.verify()
    assert said[said.index("Fetched\n") :].splitlines()[:5] == [
        "Fetched",
        "  Python 3.13.0, which the other machine must have",
        "  small 1",
        "  0 archives of distributions, tools and build backends: 0 B",
        f"  the download cache: {bundle.size} B",
    ]
    assert "  Proved by a build from it, with the network cut\n" in said
    assert said.endswith("  On the other machine: layerwright build APP --bundle into\n")
    assert site.given["application"] == (str(site.root / "app"),)
    assert site.given["surroundings"].providers == ("standalone",)
    assert site.given["surroundings"].keeps_downloads


@pytest.mark.parametrize("into", ["app/../into", "app/link"])
def test_the_directory_of_a_bundle_is_beside_the_application_however_its_path_is_written(
    site: Site, into: str
) -> None:
    (site.root / "into").mkdir()
    (site.root / "app" / "link").symlink_to(site.root / "into")
    said = site.fetch("--into", str(site.root / into))
    assert f" in {site.root / 'into'}, in " in said
    read_bundle(site.root / "into").verify()


def test_fetch_takes_nothing_from_the_users_caches_nor_from_another_bundle(site: Site) -> None:
    site.fetch("--quiet", LAYERWRIGHT_BUNDLE="/elsewhere", LAYERWRIGHT_STORE="/store", OWN="1")
    scratch = site.root / "into" / ".unfinished"
    assert site.given["environment"] == {
        "LAYERWRIGHT_CACHE_DIR": f"{scratch}/cache",
        "LAYERWRIGHT_LOG": "quiet",
        "LAYERWRIGHT_STORE": f"{scratch}/store",
        "OWN": "1",
    }
    assert site.given["proof"] == {"LAYERWRIGHT_LOG": "quiet", "LAYERWRIGHT_STORE": "/store", "OWN": "1"}


def test_fetch_says_if_the_network_could_not_be_cut_and_which_archive_has_the_interpreter(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = site.root / "into" / ".unfinished" / "cache" / "downloads"
    downloads.mkdir(parents=True)
    (downloads / "cpython.tar.gz").touch()
    site._request = replace(site._request, providers=lambda _settings: [ArchivedPython()])
    (site.root / "app" / "web").mkdir()
    (site.root / "app" / "web" / "small.lock").write_text((site.root / "app" / "small.lock").read_text())
    site.was_cut = False
    monkeypatch.setattr(small, "Small", FromArchives)
    said = site.fetch("--app", "web")
    assert "the download cache" not in said
    assert "  Python 3.13.0 (cpython.tar.gz)\n" in said
    assert "with no proxy to reach: this machine cannot cut the network\n" in said
    assert site.given["application"] == (str(site.root / "app"), "--app", "web")


def test_a_fetch_that_is_refused_before_it_builds_leaves_the_earlier_bundle(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.fetch()

    def refuse(_gathering: Gathering) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Gathering, "check", refuse)
    with pytest.raises(KeyboardInterrupt):
        site.fetch()
    read_bundle(site.root / "into").verify()


def test_a_fetch_that_is_stopped_leaves_no_manifest(site: Site) -> None:
    site.fetch()
    site.fails = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        site.fetch()
    assert not (site.root / "into" / "bundle.json").exists()
    site.fails = None
    site.fetch()
    read_bundle(site.root / "into").verify()
